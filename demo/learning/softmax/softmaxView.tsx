/** Softmax and the gradient of its cross-entropy: three logits that are dragged. */
import { useState } from 'preact/hooks';
import { Figure } from '../../lesson/figure.tsx';
import { crossEntropy, crossEntropyGradient, softmax } from '../../lesson/reference/softmax.ts';
import { useOnDevice } from '../../lesson/useOnDevice.ts';
import { AllVerified, formatFixed, Verified } from '../../lesson/verified.tsx';
import { Segmented } from '../../ui/controls.tsx';
import { firstLook } from '../playground/training.ts';
import { Bars } from './bars.tsx';

const MOST = 4;
const CLASSES = ['0', '1', '2'].map((value) => ({ value, label: String(Number(value) + 1) }));

export function SoftmaxView() {
  const [logits, setLogits] = useState<readonly number[]>([2, 0.5, -1]);
  const [truth, setTruth] = useState(1);
  const computed = useOnDevice(
    async (device) => {
      await firstLook;
      return (await import('./gpu.ts')).softmaxOnGpu(device, logits, truth);
    },
    [logits, truth],
  );
  const p = softmax(logits);
  const gradient = crossEntropyGradient(logits, truth);
  const sum = (values: Iterable<number>) => Array.from(values).reduce((total, value) => total + value, 0);
  return (
    <Figure
      id="softmax"
      title="Softmax, and what it sends back"
      text="Drag the logits f. The gradient of the loss −log p of the true class is p − 1(y = k): a step against it pulls the true class up and pushes the others down, by amounts whose sum is 0."
    >
      <Segmented
        label="True class y"
        value={String(truth)}
        options={CLASSES}
        onChange={(value) => setTruth(Number(value))}
      />
      <div class="bar-charts">
        <Bars
          title="logits f"
          name="Logit"
          values={logits}
          low={-MOST}
          high={MOST}
          digits={1}
          onChange={(k, value) => setLogits(logits.with(k, value))}
        />
        <Bars title="probabilities p" values={p} low={0} high={1} digits={2} chosen={truth} />
        <Bars title="gradient p − 1(y = k)" values={gradient} low={-1} high={1} digits={2} chosen={truth} signed />
      </div>
      <p class="readings">
        <span>L = −log p{'₁₂₃'[truth]}</span>
        <Verified name="cross-entropy" value={computed?.loss[0]} reference={crossEntropy(logits, truth)} />
        <span>
          ∂L/∂f{'₁₂₃'[truth]} = {formatFixed(p[truth]!, 3)} − 1
        </span>
        <Verified name="gradient of the true class" value={computed?.gradient[truth]} reference={gradient[truth]!} />
        <span>sum of the three gradients</span>
        <Verified name="sum of the gradients" value={computed && sum(computed.gradient)} reference={sum(gradient)} />
      </p>
      <AllVerified
        what="All six numbers"
        values={computed && [...computed.p, ...computed.gradient]}
        references={[...p, ...gradient]}
      />
    </Figure>
  );
}
