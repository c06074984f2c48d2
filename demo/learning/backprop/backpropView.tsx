/** Backpropagation, one press at a time. */
import { useMemo, useState } from 'preact/hooks';
import { Figure } from '../../lesson/figure.tsx';
import { useOnDevice } from '../../lesson/useOnDevice.ts';
import { AllVerified, Verified } from '../../lesson/verified.tsx';
import { Button, Segmented } from '../../ui/controls.tsx';
import { firstLook } from '../playground/training.ts';
import { firstInputs, type Inputs, type Kind, type Values, valuesOf } from './backprop.ts';
import { type Chosen, Diagram } from './diagram.tsx';
import { Matrix, Parts } from './matrix.tsx';
import { pressesOf } from './presses.ts';
import { WeightView } from './weightView.tsx';

const KINDS = [
  { value: 'regression', label: 'regression' },
  { value: 'softmax', label: 'three classes' },
] as const;

const FIRST_WEIGHT: Chosen = { name: 'W₁', index: 0 };

export function BackpropView() {
  const [inputs, setInputs] = useState<Inputs>(() => firstInputs('regression'));
  const [step, setStep] = useState(0);
  const [chosen, setChosen] = useState(FIRST_WEIGHT);
  const { kind } = inputs;
  const presses = pressesOf(kind);
  const press = presses[step]!;
  const values = useMemo(() => valuesOf(inputs), [inputs]);
  const computed = useOnDevice(
    async (device) => {
      await firstLook;
      return (await import('./gpu.ts')).valuesOnGpu(device, inputs);
    },
    [inputs],
  );
  const switchTo = (next: Kind) => {
    setInputs(firstInputs(next));
    setStep(0);
    setChosen(FIRST_WEIGHT);
  };
  const go = (by: number) => setStep((step) => Math.max(0, Math.min(presses.length - 1, step + by)));
  const names = presses.flatMap(({ result }) => (result === 'x' ? [] : [result]));
  const parts = press.parts(inputs, values);
  const result = press.result === 'x' ? inputs.x : values[press.result];
  return (
    <Figure
      id="backpropagation"
      title="Backpropagation, one press at a time"
      text="First the numbers go forward to the loss L, then its gradient comes back the same way. Each press is one formula."
    >
      <div class="row presses">
        <Button kind="main" onClick={() => go(1)} resting={step === presses.length - 1}>
          Next
        </Button>
        <Button onClick={() => go(-1)} resting={step === 0}>
          Back
        </Button>
        <Segmented label="Output" value={kind} options={KINDS} onChange={switchTo} />
      </div>
      <ol class="press-list">
        {presses.map(({ name, backward }, i) => (
          <li key={name}>
            <button
              type="button"
              class={`${backward ? 'back' : ''} ${i < step ? 'done' : ''}`}
              aria-current={i === step ? 'step' : undefined}
              onClick={() => setStep(i)}
            >
              {name}
            </button>
          </li>
        ))}
      </ol>
      <div class="backprop">
        <Diagram
          inputs={inputs}
          values={values}
          done={presses.slice(0, step + 1)}
          chosen={chosen}
          onChoose={setChosen}
        />
        <div class="press" aria-live="polite">
          <h3>
            {press.name} {press.formula === press.name ? '' : `= ${press.formula}`}
          </h3>
          <p>{press.text}</p>
          <div class="matrices press-numbers">
            {press.name} =
            <Parts parts={parts} />
            {parts.length > 0 && '='}
            <Matrix matrix={result} name={press.name} />
          </div>
          <p class="press-note">
            y = {kind === 'softmax' ? `class ${inputs.y + 1} of 3` : inputs.y}. The loss is{' '}
            <Verified name="loss of the network" value={computed?.L[0]} reference={values.L.data[0]!} />
            <br />
            <AllVerified
              what={`All ${names.length} presses`}
              values={computed && names.flatMap((name) => computed[name])}
              references={names.flatMap((name) => Array.from(values[name as keyof Values].data))}
            />
          </p>
        </div>
      </div>
      <h3>Any weight’s gradient, without backpropagation</h3>
      <p class="figure-text">
        Press a weight: it is moved a little up and down, and the loss is computed both times. That takes two forward
        passes for each weight; backpropagation finds all gradients in one pass back.
      </p>
      <WeightView {...{ inputs, values, computed, chosen }} onChoose={setChosen} onChange={setInputs} />
      <p class="written">
        For who follows the university lecture behind these pages: its slide “Adding a nonlinearity” writes f = W₁h +
        b₂. It is W₂: the two layers have weights of their own.
      </p>
    </Figure>
  );
}
