/** The network's share of right answers, step by step: on the days that it learns from, and on new animals. */
import { formatPercent } from '../format.ts';
import { STEPS } from './training.ts';

export interface Point {
  readonly step: number;
  /** Share of right answers. */
  readonly value: number;
}

export interface Progress {
  readonly step: number;
  /** On the pictures of each step, averaged over some steps. */
  readonly training: readonly Point[];
  /** On the same pictures each time. */
  readonly newAnimals: readonly Point[];
  /** The last test. */
  readonly tested?: { readonly right: number; readonly count: number };
}

const WIDTH = 360;
const HEIGHT = 132;
const LEFT = 50;
const BOTTOM = 18;
const TOP = 6;
/** A coin is right half of the time; the axis begins below. */
const LOWEST = 0.3;

const x = (step: number) => LEFT + ((WIDTH - LEFT - 4) * step) / STEPS;
const y = (value: number) => TOP + ((HEIGHT - TOP - BOTTOM) * (1 - Math.max(value, LOWEST))) / (1 - LOWEST);
const line = (points: readonly Point[]) => points.map(({ step, value }) => `${x(step)},${y(value)}`).join(' ');

/** @param props.you the visitor's share of right answers; undefined: too few of them yet */
export function AccuracyCurve({ progress, you }: { progress: Progress; you: number | undefined }) {
  const { training, newAnimals } = progress;
  const last = newAnimals.at(-1);
  const said = last ? `; on animals new to it ${formatPercent(last.value, 0)} now` : '';
  return (
    <svg
      class="landing-curve"
      data-live
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      role="img"
      aria-label={`The network's share of right answers over ${STEPS} steps${said}`}
    >
      {[0.5, 0.75, 1].map((value) => (
        <g key={value}>
          <line class="grid-line" x1={LEFT} x2={WIDTH - 4} y1={y(value)} y2={y(value)} />
          <text x={LEFT - 5} y={y(value) + 4} text-anchor="end">
            {100 * value} %
          </text>
        </g>
      ))}
      <text x={LEFT} y={HEIGHT - 3}>
        0
      </text>
      <text x={WIDTH - 4} y={HEIGHT - 3} text-anchor="end">
        {STEPS} steps
      </text>
      {you !== undefined && (
        <g class="you">
          <line x1={LEFT} x2={WIDTH - 4} y1={y(you)} y2={y(you)} />
          <text x={WIDTH - 6} y={y(you) + (you > 0.9 ? 13 : -4)} text-anchor="end">
            you {formatPercent(you, 0)}
          </text>
        </g>
      )}
      <polyline class="training" points={line(training)} />
      <polyline class="new-animals" points={line(newAnimals)} />
      {newAnimals.map(({ step, value }) => (
        <circle key={step} class="new-animals" cx={x(step)} cy={y(value)} r={2.5} />
      ))}
    </svg>
  );
}
