/** The points of f, the bump at one place, and the smoothed curve; a pointer that is pressed moves the bump. */

interface CurvesProps {
  /** From 0 to 1. */
  points: ArrayLike<number>;
  kernel: ArrayLike<number>;
  sigma: number;
  /** Of the points from `radius` on. */
  smooth: ArrayLike<number>;
  radius: number;
  /** The point under the bump's middle. */
  middle: number;
  onMove: (middle: number) => void;
}

/** Of the drawing, in its own units: one for each step from point to point, sideways. */
const HEIGHT = 20;
const MARGIN = 1;
/** Of the bump. */
const BUMP_HEIGHT = 6;

export function Curves({ points, kernel, sigma, smooth, radius, middle, onMove }: CurvesProps) {
  const count = points.length;
  const y = (value: number) => HEIGHT - MARGIN - value * (HEIGHT - 2 * MARGIN);
  const most = Math.max(...Array.from(kernel));
  const within = (n: number) => Math.min(count - 1 - radius, Math.max(radius, n));
  const move = (event: PointerEvent & { currentTarget: SVGElement }) => {
    const { left, width } = event.currentTarget.getBoundingClientRect();
    onMove(within(Math.round(((event.clientX - left) / width) * count - 0.5)));
  };
  const bump = Array.from({ length: 16 * radius + 1 }, (_, i) => {
    const u = i / 8 - radius;
    return `${middle + u},${HEIGHT - MARGIN - BUMP_HEIGHT * Math.exp(-(u ** 2) / (2 * sigma ** 2))}`;
  });
  const curve = Array.from(smooth, (value, i) => `${radius + i},${y(value)}`);
  return (
    <svg
      class="curves"
      viewBox={`-0.5 0 ${count} ${HEIGHT}`}
      role="img"
      aria-label="A curve's points, the bump over them, and the smoothed curve"
      data-live
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId);
        move(event);
      }}
      onPointerMove={(event) => event.currentTarget.hasPointerCapture(event.pointerId) && move(event)}
    >
      <polygon
        class="bump"
        points={`${middle - radius},${HEIGHT - MARGIN} ${bump.join(' ')} ${middle + radius},${HEIGHT - MARGIN}`}
      />
      <line class="axis" x1={-0.5} x2={count - 0.5} y1={HEIGHT - MARGIN} y2={HEIGHT - MARGIN} />
      {Array.from(points, (value, i) => {
        const weight = (kernel[i - middle + radius] ?? 0) / most;
        return <circle key={i} class="point" cx={i} cy={y(value)} r={0.16 + 0.3 * weight} />;
      })}
      <polyline class="smooth" points={curve.join(' ')} />
      <circle class="smooth-point" cx={middle} cy={y(smooth[middle - radius]!)} r={0.5} />
    </svg>
  );
}
