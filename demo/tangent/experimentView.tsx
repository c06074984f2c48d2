/** The experiment: networks of more and more units learn the same points, by themselves; width and points can be changed. */
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { formatCount, formatPercent } from '../format.ts';
import { Figure } from '../lesson/figure.tsx';
import { Slider } from '../lesson/slider.tsx';
import { AllVerified, Verified } from '../lesson/verified.tsx';
import { Button } from '../ui/controls.tsx';
import { lookAt } from './byHand.ts';
import { CurveView } from './curveView.tsx';
import { KernelView } from './kernelView.tsx';
import { LossView } from './lossView.tsx';
import { MovementView, type Result } from './movementView.tsx';
import { kernelOf, outputOf, type Points, relativeChange, type Weights } from './reference.ts';
import { type By, type Plan, Runs } from './runs.ts';
import { firstWeights, GRID, type Look, MOST_STEPS, movement, POINTS, WIDTHS } from './setup.ts';

/** What is seen: a network at one moment. */
interface Scene {
  readonly plan: Plan;
  readonly points: Points;
  readonly first: Weights;
  readonly look: Look;
  readonly by: By;
  readonly end?: 'fits' | 'does not fit';
}

function sceneOf(plan: Plan, points: Points): Scene {
  const first = firstWeights(plan.width, plan.seed);
  return { plan, points, first, look: lookAt(first, points), by: 'hand' };
}

const plansOf = (seed: number): Plan[] => WIDTHS.map((width) => ({ width, seed }));
/** With it the narrowest network moves so far that one sees it; most of that width do, and do not fit. */
const FIRST_SEED = 1;
const EXPONENTS = { min: Math.log2(WIDTHS[0]), max: Math.log2(WIDTHS.at(-1)!) };
/** K(x₁, x₂). */
const FIRST_CHOSEN = 1;
/** The middle of the grid: f(0). */
const MIDDLE = (GRID.length - 1) / 2;

export function ExperimentView() {
  const [scene, setScene] = useState(() => sceneOf(plansOf(FIRST_SEED)[0]!, POINTS));
  const [points, setPoints] = useState(POINTS);
  const [results, setResults] = useState<readonly Result[]>([]);
  const [chosen, setChosen] = useState(FIRST_CHOSEN);
  const runs = useRef<Runs | undefined>(undefined);
  const lastSeed = useRef(FIRST_SEED);

  useEffect(() => {
    const own = new Runs(
      {
        onLook(plan, points, look, by) {
          setScene((scene) => {
            const first = scene.plan === plan ? scene.first : firstWeights(plan.width, plan.seed);
            return { plan, points, first, look, by };
          });
        },
        onEnd({ width, seed }, look, fits) {
          const moved = movement(firstWeights(width, seed), look.weights);
          setScene((scene) => ({ ...scene, end: fits ? 'fits' : 'does not fit' }));
          setResults((results) => [
            ...results.filter((other) => other.width !== width || other.seed !== seed),
            { width, seed, fits, moved, losses: [...look.losses] },
          ]);
        },
      },
      POINTS,
    );
    own.begin(plansOf(FIRST_SEED));
    runs.current = own;
    return () => own.end();
  }, []);

  const begin = (plans: readonly Plan[]) => {
    setScene(sceneOf(plans[0]!, points));
    runs.current!.begin(plans);
  };
  const move = (points: Points) => {
    setPoints(points);
    setResults([]); // they are of other points
    setScene(({ end, ...scene }) => scene);
    runs.current!.move(points);
  };

  const { plan, first, look, by, end } = scene;
  const n = scene.points.x.length;
  const [firstKernel, byHand] = useMemo(
    () => [kernelOf(first, scene.points.x), lookAt(look.weights, scene.points)],
    [first, look],
  );
  const moved = useMemo(() => movement(first, look.weights), [first, look]);
  const kernelMoved = relativeChange(firstKernel, look.kernel);
  const start = useMemo(() => GRID.map((x) => outputOf(first, x)), [first]);
  // A loss that has run away is no number to compare.
  const gpu = by === 'gpu' && Number.isFinite(look.loss) ? look : undefined;
  const [row, column] = [Math.floor(chosen / n), chosen % n];
  const x = (i: number) => scene.points.x[i]!.toFixed(1).replace('-', '−');
  return (
    <Figure
      id="experiment"
      title="Wide networks hardly move and still fit"
      text="Each dot is a network that learned the same six points. Drag a point: the curve follows."
    >
      <div class="row tangent-bar">
        <Slider
          label="Width m"
          value={Math.log2(plan.width)}
          {...EXPONENTS}
          step={1}
          format={(exponent) => formatCount(2 ** exponent)}
          onChange={(exponent) => begin([{ width: 2 ** exponent, seed: ++lastSeed.current }])}
        />
        <Button onClick={() => begin([{ width: plan.width, seed: ++lastSeed.current }])}>Other first weights</Button>
        <Button onClick={() => begin(plansOf(++lastSeed.current))}>All widths</Button>
        <p class="run-state">
          <span role="status">
            width {formatCount(plan.width)} {end ?? 'learns'}
          </span>
          {/* Another one when the words before it change: to the browser, one that moves would be a page that moves. */}
          <span key={end}>, step {formatCount(look.losses.length)}</span>
        </p>
      </div>
      <div class="tangent-views">
        <section aria-labelledby="curve-title">
          <h3 id="curve-title">The network's curve</h3>
          <CurveView points={points} start={start} now={look.curve} onMove={move} />
          <p class="formula">
            <i>f</i>(<i>x</i>) = Σ<sub>j</sub> <i>a</i>
            <sub>j</sub> relu(<i>w</i>
            <sub>j</sub>
            <i>x</i> + <i>b</i>
            <sub>j</sub>) / √<i>m</i>
          </p>
          <p class="honest">Dashed: before training.</p>
        </section>
        <section aria-labelledby="kernel-title">
          <h3 id="kernel-title">Its tangent kernel</h3>
          <KernelView start={firstKernel} now={look.kernel} columns={n} chosen={chosen} onChoose={setChosen} />
          <p class="result">
            K changed by <strong>{formatPercent(kernelMoved)}</strong>
          </p>
        </section>
        <section aria-labelledby="movement-title">
          <h3 id="movement-title">How far the weights moved</h3>
          <MovementView results={results} now={end ? undefined : { width: plan.width, moved }} />
          <p class="result">
            The weights moved by <strong>{formatPercent(moved)}</strong>
          </p>
          <p class="honest">
            A hollow dot did not fit within {formatCount(MOST_STEPS)} steps. At width 4 three of four networks do not
            fit; from width 64 on nearly all do.
          </p>
        </section>
        <section class="loss-part" aria-labelledby="loss-title">
          <h3 id="loss-title">Loss over time</h3>
          <LossView now={look.losses} before={results.map(({ losses }) => losses)} />
        </section>
        <section aria-labelledby="numbers-title">
          <h3 id="numbers-title">Numbers</h3>
          <dl class="numbers">
            <dt>loss</dt>
            <dd>
              <Verified name="loss" value={gpu?.loss} reference={byHand.loss} digits={5} />
            </dd>
            <dt>f(0)</dt>
            <dd>
              <Verified name="f(0)" value={gpu?.curve[MIDDLE]} reference={byHand.curve[MIDDLE]!} />
            </dd>
            <dt>
              K({x(row)}, {x(column)})
            </dt>
            <dd>
              <Verified name="K" value={gpu?.kernel[chosen]} reference={byHand.kernel[chosen]!} />
            </dd>
            <dt>numbers of K</dt>
            <dd>
              <AllVerified what={`all ${n * n}`} values={gpu?.kernel} references={byHand.kernel} />
            </dd>
          </dl>
        </section>
      </div>
    </Figure>
  );
}
