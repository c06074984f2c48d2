/** The three activations of the lecture with their derivatives, at a u that one moves. */
import { useState } from 'preact/hooks';
import { Figure } from '../../lesson/figure.tsx';
import { activations } from '../../lesson/reference/activations.ts';
import { Slider } from '../../lesson/slider.tsx';
import { useOnDevice } from '../../lesson/useOnDevice.ts';
import { AllVerified, formatFixed, Verified } from '../../lesson/verified.tsx';
import { firstLook } from '../playground/training.ts';
import { Plot } from '../plot.tsx';

const RANGE = 4;
const POINTS = Array.from({ length: 81 }, (_, i) => -RANGE + i / 10);
const [LOW, HIGH] = [-1.25, 2.25];

const CURVES = [
  { name: 'tanh', formula: '(eᵘ − e⁻ᵘ) / (eᵘ + e⁻ᵘ)' },
  { name: 'sigmoid', formula: 'eᵘ / (1 + eᵘ)' },
  { name: 'relu', formula: 'max(u, 0)' },
] as const;

const byHand = CURVES.map(({ name }) => ({
  f: POINTS.map(activations[name].f),
  slope: POINTS.map(activations[name].derivative),
}));

export function ActivationCurves() {
  const [u, setU] = useState(1);
  const computed = useOnDevice(
    async (device) => {
      await firstLook;
      return (await import('./gpu.ts')).activationsAt(device, [...POINTS, u]);
    },
    [u],
  );
  const at = POINTS.length;
  return (
    <Figure
      title="Activations and their slopes"
      text="An activation is applied to each number by itself. Its slope (dashed) is what backpropagation multiplies by: where it is near 0, hardly anything is sent back."
    >
      <div class="activations">
        {CURVES.map(({ name, formula }, i) => {
          const { f, derivative } = activations[name];
          const [y, slope] = [f(u), derivative(u)];
          return (
            <div key={name}>
              <h3>
                {name}(u) = {formula}
              </h3>
              <Plot
                label={`${name} and its slope, from u = −4 to 4. At u = ${u} it is ${formatFixed(y, 3)}.`}
                x={[-RANGE, RANGE]}
                y={[LOW, HIGH]}
                lines={[
                  { class: 'slope', x: POINTS, y: byHand[i]!.slope },
                  { class: 'curve', x: POINTS, y: byHand[i]!.f },
                ]}
                onMove={setU}
              >
                <line class="tangent" x1={u - 1} y1={-(y - slope)} x2={u + 1} y2={-(y + slope)} />
                <circle class="dot slope-dot" cx={u} cy={-slope} r={0.13} />
                <circle class="dot" cx={u} cy={-Math.min(HIGH, y)} r={0.17} />
              </Plot>
              <p class="readings">
                <span class="of-curve">{name}(u)</span>
                <Verified name={name} value={computed?.[name][at]} reference={y} />
                <span class="of-slope">slope</span>
                <Verified name={`slope of ${name}`} value={computed?.[`${name}′`][at]} reference={slope} />
              </p>
            </div>
          );
        })}
      </div>
      <Slider
        label="u"
        value={u}
        min={-RANGE}
        max={RANGE}
        step={0.05}
        onChange={setU}
        format={(u) => formatFixed(u, 2)}
      />
      <AllVerified
        what="All 486 points"
        values={computed && CURVES.flatMap(({ name }) => [...all(computed[name]), ...all(computed[`${name}′`])])}
        references={byHand.flatMap(({ f, slope }) => [...f, ...slope])}
      />
    </Figure>
  );
}

const all = (values: readonly number[]) => values.slice(0, POINTS.length);
