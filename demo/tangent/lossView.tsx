/** The loss before each step, of the run under way and, thin, of those before it. */
import { thin } from 'neurite/vis';
import { formatTick } from '../format.ts';
import { Plot } from './plot.tsx';
import { MOST_STEPS, TARGET } from './setup.ts';

const Y = { name: 'loss', from: 1e-4, to: 20, log: true, ticks: [1e-3, 0.01, 0.1, 1, 10], format: formatTick };
/** Least number of steps that the axis spans. */
const SPAN = 1000;
const MOST_POINTS = 200;

export function LossView({ now, before }: { now: readonly number[]; before: readonly (readonly number[])[] }) {
  const longest = Math.max(SPAN, now.length, ...before.map(({ length }) => length));
  const to = Math.ceil(longest / 500) * 500;
  const step = to > 2 * MOST_STEPS ? 2000 : to > SPAN ? 500 : 250;
  const ticks = Array.from({ length: Math.floor(to / step) + 1 }, (_, i) => i * step);
  return (
    <Plot label="Loss over steps" height={200} x={{ name: 'step', from: 0, to, ticks, format: formatTick }} y={Y}>
      {(place) => {
        const line = (losses: readonly number[]) => {
          const kept = [0, ...thin(losses.length, MOST_POINTS)];
          return place.line(
            kept,
            kept.map((i) => losses[i] ?? Number.NaN),
          );
        };
        return (
          <>
            <line class="target" x2={place.x(to)} y1={place.y(TARGET)} y2={place.y(TARGET)} />
            {before.map((losses, i) => (
              <polyline key={i} class="before" points={line(losses)} />
            ))}
            <polyline class="loss" points={line(now)} />
          </>
        );
      }}
    </Plot>
  );
}
