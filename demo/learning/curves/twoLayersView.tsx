/** Why two linear layers are one: their product, written out, and the curve with and without an activation. */
import { useMemo, useState } from 'preact/hooks';
import { Figure } from '../../lesson/figure.tsx';
import { NumberGrid } from '../../lesson/numberGrid.tsx';
import type { ActivationName } from '../../lesson/reference/activations.ts';
import { useOnDevice } from '../../lesson/useOnDevice.ts';
import { AllVerified, formatFixed, Verified } from '../../lesson/verified.tsx';
import { Segmented } from '../../ui/controls.tsx';
import { short } from '../backprop/presses.ts';
import { firstLook } from '../playground/training.ts';
import { Plot } from '../plot.tsx';
import { FIRST_LAYERS, oneLayer, outputOf, type TwoLayers } from './twoLayers.ts';

const RANGE = 3;
const POINTS = Array.from({ length: 61 }, (_, i) => -RANGE + i / 10);

const KINDS = [
  { value: 'linear', label: 'none' },
  { value: 'tanh', label: 'tanh' },
  { value: 'sigmoid', label: 'sigmoid' },
  { value: 'relu', label: 'relu' },
] as const;

const GRIDS = [
  { key: 'w1', name: 'W₁', columns: 1 },
  { key: 'b1', name: 'b₁', columns: 1 },
  { key: 'w2', name: 'W₂', columns: 3 },
  { key: 'b2', name: 'b₂', columns: 1 },
] as const;

const factor = (value: number) => (value < 0 ? `(−${Math.abs(value)})` : String(value));
/** `1 · 1.5 + 1.5 · (−1)`. */
const products = (a: readonly number[], b: readonly number[]) =>
  a.map((value, i) => `${factor(value)} · ${factor(b[i]!)}`).join(' + ');

export function TwoLayersView() {
  const [layers, setLayers] = useState<TwoLayers>(FIRST_LAYERS);
  const [activation, setActivation] = useState<ActivationName>('linear');
  const computed = useOnDevice(
    async (device) => {
      await firstLook;
      const { twoLayers } = await import('./gpu.ts');
      return compiled(activation, twoLayers)(device, { x: POINTS, ...layers });
    },
    [layers, activation],
  );
  const f = useMemo(() => POINTS.map((x) => outputOf(layers, activation, x)), [layers, activation]);
  const { slope, offset } = oneLayer(layers);
  const linear = activation === 'linear';
  return (
    <Figure
      title="Two linear layers are one"
      text="f(x) = W₂ φ(W₁x + b₁) + b₂, with three hidden units. Without an activation φ the curve is a straight line whatever the weights are: that of the single layer W₂W₁."
    >
      <div class="two-layers">
        <div>
          <Segmented label="φ" value={activation} options={KINDS} onChange={setActivation} />
          <div class="matrices">
            {GRIDS.map(({ key, name, columns }) => (
              <span key={key} class="matrix-name">
                {name} ={' '}
                <span class="bracketed">
                  <NumberGrid
                    label={name}
                    values={layers[key]}
                    columns={columns}
                    min={-3}
                    max={3}
                    step={0.5}
                    format={short}
                    onChange={(values) => setLayers({ ...layers, [key]: values })}
                  />
                </span>
              </span>
            ))}
          </div>
          <p class="written">
            W₂W₁ = {products(layers.w2, layers.w1)}
            <br />= <Verified name="W₂W₁" value={computed?.slope[0]} reference={slope} />
            <br />
            W₂b₁ + b₂ = {products(layers.w2, layers.b1)} + {factor(layers.b2[0]!)}
            <br />= <Verified name="W₂b₁ + b₂" value={computed?.offset[0]} reference={offset} />
          </p>
        </div>
        <div>
          <Plot
            label={linear ? 'A straight line' : `A curve that bends, since φ is ${activation}`}
            x={[-RANGE, RANGE]}
            y={[-2, 2]}
            lines={[
              { class: 'curve', x: POINTS, y: f },
              { class: 'slope', x: POINTS, y: POINTS.map((x) => slope * x + offset) },
            ]}
          />
          <p class="written">
            <span class="of-slope">W₂W₁ x + W₂b₁ + b₂</span> (dashed) and <span class="of-curve">f(x)</span>:{' '}
            {linear
              ? 'the same line.'
              : `up to ${formatFixed(Math.max(...f.map((y, i) => Math.abs(y - slope * POINTS[i]! - offset))), 2)} apart.`}
            <br />
            <AllVerified what="61 points of f" values={computed?.f} references={f} />
          </p>
        </div>
      </div>
    </Figure>
  );
}

type Factory = typeof import('./gpu.ts')['twoLayers'];
const ofActivation = new Map<ActivationName, ReturnType<Factory>>();

function compiled(activation: ActivationName, twoLayers: Factory): ReturnType<Factory> {
  if (!ofActivation.has(activation)) ofActivation.set(activation, twoLayers(activation, 3, POINTS.length));
  return ofActivation.get(activation)!;
}
