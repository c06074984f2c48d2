/** All weights, of which one is chosen, and its gradient in three ways: the formula, the GPU, and a small change. */
import { CellGrid } from '../../lesson/numberGrid.tsx';
import { Slider } from '../../lesson/slider.tsx';
import { formatFixed, Verified } from '../../lesson/verified.tsx';
import { EPSILON, finiteDifference, type Inputs, type Values, WEIGHTS, withWeight } from './backprop.ts';
import type { Chosen } from './diagram.tsx';
import { short } from './presses.ts';

/** Largest size of a weight. */
const MOST = 2;

export function WeightView(props: {
  inputs: Inputs;
  values: Values;
  /** Gradients of the GPU. */
  computed: Readonly<Record<keyof Values, number[]>> | undefined;
  chosen: Chosen;
  onChoose: (chosen: Chosen) => void;
  onChange: (inputs: Inputs) => void;
}) {
  const { inputs, values, computed, chosen, onChoose, onChange } = props;
  const { name, index } = chosen;
  const value = inputs.weights[name].data[index]!;
  const gradient = `d${name}` as const;
  const { above, below, slope } = finiteDifference(inputs, name, index);
  const place = placeOf(inputs, chosen);
  return (
    <div class="weights">
      <div class="matrices">
        {WEIGHTS.map((own) => (
          <span key={own} class="matrix-name">
            {own} ={' '}
            <span class="bracketed">
              <CellGrid
                label={own}
                values={inputs.weights[own].data}
                columns={inputs.weights[own].shape[1]!}
                format={short}
                chosen={name === own ? index : undefined}
                onChoose={(index) => onChoose({ name: own, index })}
              />
            </span>
          </span>
        ))}
      </div>
      <Slider
        label={place}
        value={value}
        min={-MOST}
        max={MOST}
        step={0.1}
        format={(value) => formatFixed(value, 1)}
        onChange={(value) => onChange(withWeight(inputs, name, index, value))}
      />
      <p class="readings">
        <span>∂L/∂{place} by the formula</span>
        <Verified
          name="gradient of the chosen weight"
          value={computed?.[gradient][index]}
          reference={values[gradient].data[index]!}
        />
        <span>(L(w + ε) − L(w − ε)) / 2ε</span>
        <span>
          <strong>{formatFixed(slope, 3)}</strong> = ({formatFixed(above, 6)} − {formatFixed(below, 6)}) / {2 * EPSILON}
        </span>
      </p>
    </div>
  );
}

/** `W₂[1, 3]`, counted from 1. */
function placeOf({ weights }: Inputs, { name, index }: Chosen): string {
  const [rows, columns] = weights[name].shape as [number, number];
  const [row, column] = [Math.floor(index / columns) + 1, (index % columns) + 1];
  if (columns === 1) return rows === 1 ? name : `${name}[${row}]`;
  return `${name}[${row}, ${column}]`;
}
