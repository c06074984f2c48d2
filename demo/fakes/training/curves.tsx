/** Both losses, and how often the discriminator is right, over the steps: of the page's own training, and of the stored one, dashed. */
import { smooth, thin } from 'neurite/vis';
import stored from '../stored.json';
import type { Measured, Step } from './protocol.ts';

const [WIDTH, LOSS_HEIGHT, RIGHT_HEIGHT] = [360, 132, 92];
const [LEFT, TOP, BOTTOM] = [46, 16, 18];
/** Above it a loss is drawn at the edge. */
const MOST_LOSS = 2;
/** Steps that a loss is averaged over. */
const SMOOTHING = 25;
const MOST_POINTS = 300;

const x = (step: number) => LEFT + ((WIDTH - LEFT - 4) * step) / stored.steps;
const lossY = (loss: number) => TOP + (LOSS_HEIGHT - TOP - 4) * (1 - Math.min(loss, MOST_LOSS) / MOST_LOSS);
/** From 0.4: a coin is right half of the time. */
const rightY = (part: number) => TOP + ((RIGHT_HEIGHT - TOP - BOTTOM) * (1 - Math.max(part, 0.4))) / 0.6;

type Point = readonly [step: number, value: number];
const line = (points: readonly Point[], y: (value: number) => number) =>
  points.map(([step, value]) => `${x(step).toFixed(1)},${y(value).toFixed(1)}`).join(' ');

const storedLoss = (of: 'generatorLoss' | 'discriminatorLoss') =>
  line(
    stored.measured.map((at) => [at.step, at[of]]),
    lossY,
  );
const STORED = {
  generator: storedLoss('generatorLoss'),
  discriminator: storedLoss('discriminatorLoss'),
  accuracy: line(
    stored.measured.map(({ step, accuracy }) => [step, accuracy]),
    rightY,
  ),
};

function ownLoss(steps: readonly Step[], of: 'generator' | 'discriminator'): string {
  const values = smooth(
    steps.map((step) => step[of]),
    SMOOTHING,
  );
  return line(
    thin(steps.length, MOST_POINTS).map((i) => [steps[i]!.step, values[i]!]),
    lossY,
  );
}

export function Curves({ steps, measured }: { steps: readonly Step[]; measured: readonly Measured[] }) {
  return (
    <div class="gan-curves">
      <svg viewBox={`0 0 ${WIDTH} ${LOSS_HEIGHT}`} data-live role="img" aria-label="Both losses over the steps">
        <text x={LEFT} y={11}>
          loss
        </text>
        {[0, 1, 2].map((loss) => (
          <g key={loss}>
            <line x1={LEFT} x2={WIDTH - 4} y1={lossY(loss)} y2={lossY(loss)} />
            <text x={LEFT - 6} y={lossY(loss) + 4} text-anchor="end">
              {loss}
            </text>
          </g>
        ))}
        {(['generator', 'discriminator'] as const).map((of) => (
          <g key={of} class={of}>
            <polyline class="stored" points={STORED[of]} />
            <polyline points={ownLoss(steps, of)} />
          </g>
        ))}
      </svg>
      <svg
        viewBox={`0 0 ${WIDTH} ${RIGHT_HEIGHT}`}
        data-live
        role="img"
        aria-label="How often the discriminator is right, over the steps"
      >
        <text x={LEFT} y={11}>
          discriminator right, on pictures that it never saw
        </text>
        {[0.5, 1].map((part) => (
          <g key={part}>
            <line x1={LEFT} x2={WIDTH - 4} y1={rightY(part)} y2={rightY(part)} />
            <text x={LEFT - 6} y={rightY(part) + 4} text-anchor="end">
              {100 * part} %
            </text>
          </g>
        ))}
        <g class="discriminator">
          <polyline class="stored" points={STORED.accuracy} />
          <polyline
            points={line(
              measured.map(({ step, accuracy }) => [step, accuracy]),
              rightY,
            )}
          />
        </g>
        <text x={LEFT} y={RIGHT_HEIGHT - 3}>
          0
        </text>
        <text x={WIDTH - 4} y={RIGHT_HEIGHT - 3} text-anchor="end">
          {stored.steps} steps
        </text>
      </svg>
    </div>
  );
}
