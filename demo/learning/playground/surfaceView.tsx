/** The large picture: what one unit makes of the square, with the points on it. */

import { classes, cssColor, diverging, type Palette, paint, type Range, symmetricRange } from 'neurite/vis';
import { useMemo, useRef } from 'preact/hooks';
import { usePaint } from '../../draw/painter.ts';
import { EXTENT, GRID, type Point, type Task } from './points.ts';

/** How a map is drawn. */
export interface Colors {
  colors: Palette;
  range: Range;
}

/** Values of regression points beyond this have the same colour. */
const MOST = 1.2;
export const VALUE_RANGE = { low: -MOST, high: MOST };

/** Of one unit's map, which is a channel of its layer's. */
export function rangeOfUnit(map: ArrayLike<number>, units: number, unit: number, activation: string): Range {
  if (activation === 'tanh' || activation === 'sigmoid') return { low: -1, high: 1 };
  return symmetricRange(Float32Array.from({ length: map.length / units }, (_, i) => map[i * units + unit]!));
}

/** The output of a classifier is a logit; its probability has the colours of the classes. */
export function outputMap(map: ArrayLike<number>, task: Task): { values: ArrayLike<number> } & Colors {
  if (task === 'regression') return { values: map, colors: diverging, range: VALUE_RANGE };
  const p = Float32Array.from(map, (z) => 1 / (1 + Math.exp(-z)));
  return { values: p, colors: classes, range: { low: 0, high: 1 } };
}

export function SurfaceView(props: {
  label: string;
  /** `[GRID * GRID, units]` */
  values: ArrayLike<number>;
  units: number;
  unit: number;
  colors: Palette;
  range: Range;
  points: readonly Point[];
  testPoints: readonly Point[];
  task: Task;
}) {
  const { label, values, units, unit, colors, range, points, testPoints, task } = props;
  const canvas = useRef<HTMLCanvasElement>(null);
  const size = { width: GRID, height: GRID, channels: units, channel: unit };
  usePaint(canvas, (target) => paint(target, values, size, colors, range), [
    values,
    unit,
    colors,
    range.low,
    range.high,
  ]);
  return (
    <div class="surface">
      <canvas ref={canvas} data-live width={GRID} height={GRID} role="img" aria-label={label} />
      <Dots points={points} testPoints={testPoints} task={task} radius={0.07} />
    </div>
  );
}

/** Points; those to test on are rings. */
export function Dots(props: {
  points: readonly Point[];
  testPoints?: readonly Point[] | undefined;
  task: Task;
  radius: number;
}) {
  const { points, testPoints = [], task, radius } = props;
  // The same element again, where nothing has changed: it is not compared in every frame of a training.
  return useMemo(() => {
    const color = (y: number) =>
      task === 'regression' ? cssColor(diverging, (y / MOST + 1) / 2) : `var(${y ? '--class-1' : '--class-0'})`;
    return (
      <svg class="dots" viewBox={`${-EXTENT} ${-EXTENT} ${2 * EXTENT} ${2 * EXTENT}`} aria-hidden="true">
        {points.map(({ x1, x2, y }, i) => (
          <circle key={`${i}`} cx={x1} cy={-x2} r={radius} style={{ fill: color(y) }} />
        ))}
        {testPoints.map(({ x1, x2, y }, i) => (
          <circle key={`test ${i}`} class="ring" cx={x1} cy={-x2} r={radius} style={{ stroke: color(y) }} />
        ))}
      </svg>
    );
  }, [points, testPoints, task, radius]);
}
