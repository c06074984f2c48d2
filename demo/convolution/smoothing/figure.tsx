/** Convolution in one dimension: a Gaussian bump smooths a curve, which is a row of a brain picture. */
import { useMemo, useState } from 'preact/hooks';
import { useBrainPictures } from '../../lesson/brainPicture.tsx';
import { Figure } from '../../lesson/figure.tsx';
import { array64 } from '../../lesson/reference/array64.ts';
import { conv2d } from '../../lesson/reference/conv2d.ts';
import { Slider } from '../../lesson/slider.tsx';
import { useOnDevice } from '../../lesson/useOnDevice.ts';
import { AllVerified, Verified } from '../../lesson/verified.tsx';
import { gaussianLine } from '../sweep/kernels.ts';
import { BRAIN, reduced, SIZE } from '../sweep/picture.ts';
import { Curves } from './curves.tsx';
import './smoothing.css';

/** Points on each side of the bump's middle. */
const RADIUS = 6;
/** Of the picture: through its brightest spot. */
const ROW = 16;

export function SmoothingFigure() {
  const brain = useBrainPictures(BRAIN)?.[0];
  const [sigma, setSigma] = useState(1.5);
  const [middle, setMiddle] = useState(40);
  const f = useMemo(() => {
    const row = brain && reduced(brain).data.slice(ROW * SIZE, (ROW + 1) * SIZE);
    return array64(row ?? new Float64Array(SIZE), [1, SIZE, 1]);
  }, [brain]);
  const kernel = useMemo(() => array64(gaussianLine(2 * RADIUS + 1, sigma), [1, 2 * RADIUS + 1, 1, 1]), [sigma]);
  const smooth = useMemo(() => conv2d(f, kernel).data, [f, kernel]);
  const computed = useOnDevice(
    async (device) => (await import('../gpu.ts')).convolve(device, 'smoothing', { x: f, w: kernel }),
    [f, kernel],
  );
  return (
    <Figure
      id="smoothing"
      title="The same in one dimension"
      text="A bump K slides over a curve f, and at each place the points under it are averaged, near ones most. In mathematics a convolution flips K, in a network it does not: for a symmetric K there is no difference."
    >
      <div class="formulas">
        <span>(K ∗ f)(x) = ∫ K(x − u) f(u) du</span>
        <span>
          (K ∗ f)(x<sub>j</sub>) = Σ<sub>i</sub> K(x<sub>j</sub> − x<sub>i</sub>) f(x<sub>i</sub>)
        </span>
      </div>
      <Curves
        points={f.data}
        kernel={kernel.data}
        smooth={computed ?? smooth}
        {...{ sigma, middle }}
        radius={RADIUS}
        onMove={setMiddle}
      />
      <p class="legend">
        <span class="of-points">● f, a row of a brain picture</span>
        <span class="of-kernel">▲ K around xⱼ</span>
        <span class="of-smooth">━ K ∗ f</span>
      </p>
      <div class="smoothing-controls">
        <Slider
          label="Width σ of K"
          value={sigma}
          min={0.3}
          max={3}
          step={0.1}
          format={(v) => v.toFixed(1)}
          onChange={setSigma}
        />
        <Slider label="Place j" value={middle} min={RADIUS} max={SIZE - 1 - RADIUS} step={1} onChange={setMiddle} />
      </div>
      <p class="facts">
        <span>
          (K ∗ f)(x<sub>{middle}</sub>) ={' '}
          <Verified name="smoothed" value={computed?.[middle - RADIUS]} reference={smooth[middle - RADIUS]!} />
        </span>
        <AllVerified what={`All ${smooth.length} points:`} values={computed} references={smooth} />
      </p>
    </Figure>
  );
}
