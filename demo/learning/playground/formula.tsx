/** What a unit computes, with its weights as they are now. */

import type { DenseLayer } from '../../lesson/reference/network.ts';
import { formatFixed } from '../../lesson/verified.tsx';
import type { Place } from './networkView.tsx';
import { FEATURES } from './points.ts';
import type { Settings } from './setup.ts';

const SUBSCRIPTS = '₀₁₂₃₄₅₆₇₈₉';
const subscript = (n: number) => Array.from(String(n), (digit) => SUBSCRIPTS[Number(digit)]).join('');

/** With its sign and two decimals: `+ 0.53`. */
const term = (value: number) => `${value < 0 ? '−' : '+'} ${formatFixed(Math.abs(value), 2)}`;

export function UnitFormula(props: { settings: Settings; network: readonly DenseLayer[]; selected: Place }) {
  const { settings, network, selected } = props;
  const { w, b, activation } = network[selected.layer]!;
  const [inputs, outputs] = w.shape as [number, number];
  const isOutput = selected.layer === network.length - 1;
  const names = Array.from({ length: inputs }, (_, i) =>
    selected.layer === 0 ? FEATURES[settings.features[i]!]!.name : `h${subscript(i + 1)}`,
  );
  const result = isOutput ? 'f' : `unit ${selected.unit + 1} of layer ${selected.layer + 1}`;
  // Terms stand in cells, each one text: their widths change in every frame, and nothing may move.
  return (
    <div class="unit-formula">
      <strong>{result}</strong>
      {isOutput && settings.task !== 'regression' && ' (sigmoid(f) is the probability of orange)'} ={' '}
      {activation !== 'linear' && `${activation} of`}
      <div class="terms">
        {names.map((name, i) => {
          const weight = w.data[i * outputs + selected.unit]!;
          return <span key={`${i}`} class={weight < 0 ? 'negative' : 'positive'}>{`${term(weight)} ${name}`}</span>;
        })}
        <span>{term(b.data[selected.unit]!)}</span>
      </div>
    </div>
  );
}
