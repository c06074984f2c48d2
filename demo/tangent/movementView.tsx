/** How far weights moved, against the width: both axes logarithmic, a dot for each run, and the line c / sqrt(width). */
import { formatCount, formatTick } from '../format.ts';
import { Plot } from './plot.tsx';
import { WIDTHS } from './setup.ts';

/** A run that has ended. */
export interface Result {
  readonly width: number;
  readonly seed: number;
  readonly fits: boolean;
  /** |theta - theta0| / |theta0| */
  readonly moved: number;
  /** The loss before each step. */
  readonly losses: readonly number[];
}

const X = { name: 'width m', from: 2.6, to: 6300, log: true, ticks: WIDTHS, format: formatCount };
const Y = {
  name: '|θ − θ₀| / |θ₀|',
  from: 0.01,
  to: 4,
  log: true,
  ticks: [0.01, 0.03, 0.1, 0.3, 1, 3],
  format: formatTick,
};

/** @returns c of the line c / sqrt(width) in the middle of the runs that fit; undefined without any */
export function lineThrough(results: readonly Result[]): number | undefined {
  const fitting = results.filter(({ fits }) => fits);
  if (fitting.length === 0) return undefined;
  const logs = fitting.map(({ width, moved }) => Math.log(moved * Math.sqrt(width)));
  return Math.exp(logs.reduce((sum, log) => sum + log, 0) / logs.length);
}

/** @param props.now the run under way */
export function MovementView(props: {
  results: readonly Result[];
  now: { readonly width: number; readonly moved: number } | undefined;
}) {
  const { results, now } = props;
  const c = lineThrough(results);
  const ends = [X.from, X.to];
  return (
    <Plot label={describe(results)} height={250} x={X} y={Y}>
      {(place) => (
        <>
          {c !== undefined && (
            <>
              <polyline
                class="ideal"
                points={place.line(
                  ends,
                  ends.map((width) => c / Math.sqrt(width)),
                )}
              />
              <text class="ideal-name" x={place.x(1024)} y={place.y(c / 32) - 14}>
                ∝ 1/√m
              </text>
            </>
          )}
          {results.map(({ width, seed, fits, moved }) => (
            <circle
              key={`${width}.${seed}`}
              class={fits ? 'dot' : 'dot unfit'}
              cx={place.x(width)}
              cy={place.y(moved)}
              r={6}
            />
          ))}
          {now && now.moved > 0 && <circle class="dot-now" cx={place.x(now.width)} cy={place.y(now.moved)} r={9} />}
        </>
      )}
    </Plot>
  );
}

function describe(results: readonly Result[]): string {
  const texts = results.map(
    ({ width, fits, moved }) => `${width}: ${formatTick(moved)}${fits ? '' : ', which did not fit'}`,
  );
  return `Relative movement of the weights by width. ${texts.join('; ') || 'No run has ended yet.'}`;
}
