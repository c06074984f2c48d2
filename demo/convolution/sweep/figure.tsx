/** A kernel's window sweeps over a picture, and what it computes is drawn behind it. */

import { grey } from 'neurite/vis';
import { useMemo, useState } from 'preact/hooks';
import { formatCount } from '../../format.ts';
import { useBrainPictures } from '../../lesson/brainPicture.tsx';
import { Figure } from '../../lesson/figure.tsx';
import { NumberGrid } from '../../lesson/numberGrid.tsx';
import type { Array64 } from '../../lesson/reference/array64.ts';
import { Slider } from '../../lesson/slider.tsx';
import { useOnDevice } from '../../lesson/useOnDevice.ts';
import { AllVerified, Verified } from '../../lesson/verified.tsx';
import { Button } from '../../ui/controls.tsx';
import { useVisible } from '../../ui/visible.ts';
import { signed } from '../text.ts';
import { Checks } from './checks.tsx';
import { BLUR_SIZE, gaussian, KERNELS, type KernelName } from './kernels.ts';
import { BRAIN, pictureOf, ramp, reduced, SIZE } from './picture.ts';
import { PictureChoice, type PictureName } from './pictureChoice.tsx';
import { InputPicture, ResultPicture } from './pictures.tsx';
import { convolved, kernelOf, lookOf } from './result.ts';
import { useSweep } from './useSweep.ts';
import './sweep.css';

export function SweepFigure() {
  const { element, visible } = useVisible<HTMLDivElement>();
  const [chosen, setChosen] = useState<KernelName | 'own'>('blur');
  const [numbers, setNumbers] = useState<readonly number[]>(KERNELS.blur.numbers);
  const [sigma, setSigma] = useState(1);
  const [pictureName, setPictureName] = useState<PictureName>('brain');
  const [own, setOwn] = useState<Array64>();
  const brain = useBrainPictures(BRAIN)?.[0];

  const picture = useMemo(() => {
    if (pictureName === 'ramp') return ramp();
    if (pictureName === 'own' && own) return own;
    return brain ? reduced(brain) : undefined;
  }, [pictureName, own, brain]);
  const kernel = useMemo(() => kernelOf(numbers), [numbers]);
  // Until the picture is there, that of nothing.
  const x = useMemo(() => picture ?? pictureOf(new Float64Array(SIZE ** 2)), [picture]);
  const result = useMemo(() => convolved(x, kernel), [x, kernel]);
  const computed = useOnDevice(
    async (device) => (await import('../gpu.ts')).convolve(device, 'sweep', { x, w: kernel }),
    [x, kernel],
  );
  const values = computed ?? result.values;
  const look = lookOf(values, numbers);
  const sweep = useSweep(result.radius, visible && picture !== undefined);

  const take = (name: KernelName | 'own', next: readonly number[]) => {
    setChosen(name);
    setNumbers(next);
    if (!sweep.running) sweep.seeAll(); // what was chosen is to be seen at once
  };
  const choosePicture = (name: PictureName, file?: Array64) => {
    setPictureName(name);
    if (file) setOwn(file);
    if (!sweep.running) sweep.seeAll();
  };

  const width = kernel.shape[0]!;
  const index = result.indexOf(sweep.place);
  const under = windowOf(x, sweep.place, result.radius);
  return (
    <Figure
      id="sweep"
      title="A window sweeps over a picture"
      text="Each pixel on the right is one sum: the pixels under the window, times the kernel’s numbers. Drag the window, or a number up and down."
    >
      <div ref={element} class="chips">
        {(Object.keys(KERNELS) as KernelName[]).map((name) => (
          <Button
            key={name}
            pressed={chosen === name}
            onClick={() => take(name, name === 'blur' ? gaussian(BLUR_SIZE, sigma) : KERNELS[name].numbers)}
          >
            {KERNELS[name].label}
          </Button>
        ))}
        <Button pressed={chosen === 'own'} onClick={() => take('own', numbers)}>
          Own
        </Button>
        <div class="sigma" style={{ visibility: chosen === 'blur' ? 'visible' : 'hidden' }}>
          <Slider
            label="σ"
            value={sigma}
            min={0.3}
            max={2}
            step={0.1}
            format={(value) => value.toFixed(1)}
            onChange={(value) => {
              setSigma(value);
              take('blur', gaussian(BLUR_SIZE, value));
            }}
          />
        </div>
      </div>
      <div class="sweep">
        <InputPicture picture={x} sweep={sweep} radius={result.radius} />
        <div class="sweep-middle" style={{ '--width': width }}>
          <span class="matrix-name">The pixels</span>
          <div
            class="number-grid pixels"
            style={{ gridTemplateColumns: `repeat(${width}, var(--cell))` }}
            aria-hidden="true"
          >
            {under.map((value, i) => (
              <span
                key={`${i}`}
                class={`cell ${value < 0.46 ? 'dark' : 'bright'}`}
                style={{ '--pixel': `${100 * value}%` }}
              >
                {value.toFixed(2).replace(/^0/, '')}
              </span>
            ))}
          </div>
          <span class="matrix-name">× the kernel</span>
          <NumberGrid
            label="Kernel"
            values={numbers}
            columns={width}
            min={-9}
            max={9}
            step={0.1}
            format={shortest}
            onChange={(next) => take('own', next)}
          />
        </div>
        <ResultPicture {...{ values, look, result, sweep }} />
        <p class="sweep-sum">
          <span class="matrix-name">= the sum</span>
          <Verified name="window" value={computed?.[index]} reference={result.values[index]!} digits={4} />
          <span style={{ visibility: look.colors === grey ? 'hidden' : 'visible' }}>green above 0, violet below</span>
        </p>
      </div>
      <div class="row sweep-controls">
        <Button kind="main" onClick={() => (sweep.running ? sweep.stop() : sweep.start())}>
          {sweep.running ? 'Pause' : 'Sweep'}
        </Button>
        <PictureChoice name={pictureName} hasOwn={own !== undefined} onChoose={choosePicture} />
      </div>
      <p class="facts sweep-facts">
        <AllVerified
          what={`All ${formatCount(result.values.length)} sums:`}
          values={computed}
          references={result.values}
        />
        <Checks sigma={sigma} />
      </p>
    </Figure>
  );
}

/** The picture's numbers under the window, row by row. */
function windowOf({ data }: Array64, { row, column }: { row: number; column: number }, radius: number): number[] {
  const width = 2 * radius + 1;
  return Array.from({ length: width ** 2 }, (_, i) => {
    const at = (row - radius + Math.floor(i / width)) * SIZE + column - radius + (i % width);
    return data[at]!;
  });
}

/** With as many digits as fit into a cell: `.06`, `−1`, `0.5`. */
const shortest = (value: number) => signed(Number(value.toFixed(2))).replace(/^(−?)0\./, '$1.');
