/** An example by hand, that of the lecture: every number can be changed, and each number of the map is written out as its sum. */
import { useMemo, useState } from 'preact/hooks';
import { Figure } from '../../lesson/figure.tsx';
import { CellGrid, NumberGrid } from '../../lesson/numberGrid.tsx';
import type { Term } from '../../lesson/reference/conv2d.ts';
import { useOnDevice } from '../../lesson/useOnDevice.ts';
import { AllVerified, Verified } from '../../lesson/verified.tsx';
import { Button, CheckField } from '../../ui/controls.tsx';
import { Matrix } from '../matrix.tsx';
import { digitsOf, short, signed } from '../text.ts';
import { arraysOf, type Example, featureMap, IMAGE_SIZE, KERNEL_SIZE, MAP_SIZE, SLIDE, SLIDE_PLACE } from './slide.ts';
import './byHand.css';

export function ByHand() {
  const [example, setExample] = useState(SLIDE);
  const [place, setPlace] = useState(SLIDE_PLACE);
  const [pointed, setPointed] = useState<number>();
  const change = (part: Partial<Example>) => setExample((before) => ({ ...before, ...part }));
  const { sums, values, termsAt } = useMemo(() => featureMap(example), [example]);
  const computed = useOnDevice(
    async (device) => (await import('../gpu.ts')).convolve(device, 'by hand', arraysOf(example)),
    [example],
  );
  const terms = termsAt(place);
  const cellOf = ({ row, column }: Term) => row * IMAGE_SIZE + column;
  const under = terms.map(cellOf);
  const cut = sums.filter((sum) => sum < 0).length;
  const at = `[${Math.floor(place / MAP_SIZE)}, ${place % MAP_SIZE}]`;
  return (
    <Figure
      id="by-hand"
      title="By hand"
      text="Point at a number of the map: the four products that it is the sum of light up. Every number of the input, the kernel and b can be typed, or dragged up and down."
    >
      <div class="by-hand">
        <Matrix name="Input x">
          <NumberGrid
            label="Input"
            values={example.image}
            columns={IMAGE_SIZE}
            format={signed}
            classOf={(i) => (under.includes(i) ? (under[pointed ?? -1] === i ? 'lit pointed' : 'lit') : undefined)}
            onChange={(image) => change({ image })}
          />
        </Matrix>
        <span class="operator">∗</span>
        <Matrix name="Kernel K">
          <NumberGrid
            label="Kernel"
            values={example.kernel}
            columns={KERNEL_SIZE}
            format={signed}
            classOf={(i) => (i === pointed ? 'lit pointed' : 'lit')}
            onPoint={setPointed}
            onChange={(kernel) => change({ kernel })}
          />
        </Matrix>
        <span class="operator">+</span>
        <Matrix name="b">
          <NumberGrid
            label="Intercept b"
            values={[example.bias]}
            columns={1}
            format={signed}
            onChange={([bias]) => change({ bias: bias! })}
          />
        </Matrix>
        <span class="operator equals">=</span>
        <Matrix name="Feature map y">
          <CellGrid
            label="Feature map"
            values={values}
            columns={MAP_SIZE}
            format={short}
            chosen={place}
            onChoose={setPlace}
            classOf={(i) => (example.relu && sums[i]! < 0 ? 'cut' : undefined)}
          />
        </Matrix>
      </div>
      <Sum {...{ terms, at, pointed, setPointed, example }} sum={sums[place]!} value={values[place]!} />
      <p class="facts">
        <span>
          y{at} ={' '}
          <Verified
            name={`y${at}`}
            value={computed?.[place]}
            reference={values[place]!}
            digits={digitsOf(values[place]!)}
          />
        </span>
        <AllVerified what="All 16 numbers:" values={computed} references={values} />
      </p>
      <div class="row">
        <CheckField label="ReLU" checked={example.relu} onChange={(relu) => change({ relu })} />
        <span class="cut-count">
          {example.relu
            ? `It sets ${cut} of the 16 sums to 0: the dashed ones.`
            : `It is off: ${cut} of the 16 numbers are negative.`}
        </span>
        <Button onClick={() => setExample(SLIDE)} resting={example === SLIDE}>
          The first numbers
        </Button>
      </div>
    </Figure>
  );
}

/** `2 · 2 + 3 · (−1) + … + 1 = 3`: each product lights up in the grids when it is pointed at. */
function Sum(props: {
  terms: readonly Term[];
  at: string;
  sum: number;
  value: number;
  example: Example;
  pointed: number | undefined;
  setPointed: (term: number | undefined) => void;
}) {
  const { terms, at, sum, value, example, pointed, setPointed } = props;
  return (
    <p class="sum">
      <span>y{at} = </span>
      {terms.map(({ x, w }, i) => (
        <span key={`${i}`}>
          {i > 0 && '+ '}
          <span
            class={`term ${i === pointed ? 'pointed' : ''}`}
            onPointerEnter={() => setPointed(i)}
            onPointerLeave={() => setPointed(undefined)}
          >
            {bracketed(x, i > 0)} · {bracketed(w)}
          </span>{' '}
        </span>
      ))}
      <span>+ {bracketed(example.bias)} </span>
      <span>= {short(sum)}</span>
      {example.relu && (
        <span>
          , and max{'{'}
          {short(sum)}, 0{'}'} = {short(value)}
        </span>
      )}
    </p>
  );
}

/** A negative number in brackets, where it stands behind a sign. */
const bracketed = (value: number, behind = true) => (behind && value < 0 ? `(${short(value)})` : short(value));
