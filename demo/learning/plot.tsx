/** Curves over a number, drawn in units of the data; one may move along them with the pointer. */
import type { ComponentChildren } from 'preact';

export interface Line {
  readonly class: string;
  readonly x: ArrayLike<number>;
  readonly y: ArrayLike<number>;
}

export function Plot(props: {
  label: string;
  x: readonly [number, number];
  y: readonly [number, number];
  lines: readonly Line[];
  onMove?: (x: number) => void;
  /** In units of the data, y downwards. */
  children?: ComponentChildren;
}) {
  const { label, lines, onMove, children } = props;
  const [left, right] = props.x;
  const [bottom, top] = props.y;
  const move = (event: PointerEvent & { currentTarget: SVGSVGElement }) => {
    const box = event.currentTarget.getBoundingClientRect();
    const x = left + ((event.clientX - box.left) / box.width) * (right - left);
    onMove?.(Math.max(left, Math.min(right, Math.round(20 * x) / 20)));
  };
  return (
    <svg
      class="plot"
      data-live
      viewBox={`${left} ${-top} ${right - left} ${top - bottom}`}
      role="img"
      aria-label={label}
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId);
        move(event);
      }}
      onPointerMove={(event) => event.currentTarget.hasPointerCapture(event.pointerId) && move(event)}
    >
      <line x1={left} y1={0} x2={right} y2={0} />
      <line x1={0} y1={-bottom} x2={0} y2={-top} />
      {lines.map(({ x, y, ...line }) => (
        <polyline
          key={line.class}
          class={line.class}
          points={Array.from(x, (x, i) => `${x.toFixed(3)},${(-y[i]!).toFixed(4)}`).join(' ')}
        />
      ))}
      {children}
    </svg>
  );
}
