/** The points, the curve that bends to them, and where it began. A point is moved by dragging it, or by the arrow keys. */
import { Plot } from './plot.tsx';
import type { Points } from './reference.ts';
import { GRID } from './setup.ts';

/** Points stay inside: much further out, gradient descent with this rate would not settle. */
const MOST = { x: 2.2, y: 1.8 };
const X = { name: 'x', from: GRID[0]!, to: GRID.at(-1)!, ticks: [-2, -1, 0, 1, 2] };
const Y = { name: 'f(x)', from: -2.2, to: 2.2, ticks: [-2, -1, 0, 1, 2] };
const KEY_STEP = 0.1;

const within = (value: number, most: number) => Math.max(-most, Math.min(most, value));
const minus = (value: number) => value.toFixed(1).replace('-', '−');

export function CurveView(props: {
  points: Points;
  start: ArrayLike<number>;
  now: ArrayLike<number>;
  onMove: (points: Points) => void;
}) {
  const { points, start, now, onMove } = props;
  const move = (i: number, x: number, y: number) =>
    onMove({
      x: points.x.with(i, Math.fround(within(x, MOST.x))),
      y: points.y.with(i, within(y, MOST.y)),
    });
  return (
    <Plot
      label="The six points and the network's curve"
      height={250}
      x={X}
      y={Y}
      handles={(place) =>
        points.x.map((x, i) => {
          const y = points.y[i]!;
          return (
            <circle
              key={i}
              class="point"
              cx={place.x(x)}
              cy={place.y(y)}
              r={8}
              role="slider"
              tabindex={0}
              aria-label={`Point ${i + 1}`}
              aria-valuenow={y}
              aria-valuemin={-MOST.y}
              aria-valuemax={MOST.y}
              aria-valuetext={`x ${minus(x)}, y ${minus(y)}`}
              onKeyDown={(event) => {
                const by = { ArrowUp: [0, 1], ArrowDown: [0, -1], ArrowLeft: [-1, 0], ArrowRight: [1, 0] }[event.key];
                if (!by) return;
                event.preventDefault();
                move(i, x + KEY_STEP * by[0]!, y + KEY_STEP * by[1]!);
              }}
              onPointerDown={(event) => event.currentTarget.setPointerCapture(event.pointerId)}
              onPointerMove={(event) => {
                if (event.currentTarget.hasPointerCapture(event.pointerId)) move(i, ...place.under(event));
              }}
            />
          );
        })
      }
    >
      {(place) => (
        <>
          <polyline class="start" points={place.line(GRID, start)} />
          <polyline class="curve" points={place.line(GRID, now)} />
        </>
      )}
    </Plot>
  );
}
