/**
 * What the page computes on the GPU. A figure's step is planned and compiled once, and then runs with other numbers; one of
 * other shapes takes its place.
 */
import {
  avgPool2d,
  biasAdd,
  conv2d,
  type Device,
  gradients,
  graph,
  maxPool2d,
  mul,
  relu,
  type Session,
  session,
  sum,
  type Tensor,
} from 'neurite';
import type { Array64 } from '../lesson/reference/array64.ts';

interface Step {
  readonly session: Session;
  readonly inputs: readonly Tensor[];
  readonly outputs: readonly Tensor[];
}

const kept = new WeakMap<Device, Map<string, { kind: string; step: Promise<Step> }>>();

/**
 * Runs a figure's step.
 * @param kind names the operations; with the shapes of the arrays it says whether the step is the one from before
 */
async function run(
  device: Device,
  { figure, kind }: { figure: string; kind: string },
  arrays: readonly Array64[],
  build: (inputs: Tensor[]) => Tensor[],
): Promise<ArrayLike<number>[]> {
  const steps = kept.get(device) ?? new Map<string, { kind: string; step: Promise<Step> }>();
  kept.set(device, steps);
  const whole = `${kind} ${arrays.map(({ shape }) => shape.join('x')).join(' ')}`;
  const before = steps.get(figure);
  let step = before?.step;
  if (!step || before?.kind !== whole) {
    before?.step.then(({ session }) => session.destroy()).catch(() => {}); // its own caller gets the error
    step = prepare(device, arrays, build);
    steps.set(figure, { kind: whole, step });
  }
  const { session: ready, inputs, outputs } = await step;
  for (const [i, { data }] of arrays.entries()) ready.write(inputs[i]!, Float32Array.from(data));
  ready.run();
  return Promise.all(outputs.map((output) => ready.read(output)));
}

async function prepare(
  device: Device,
  arrays: readonly Array64[],
  build: (inputs: Tensor[]) => Tensor[],
): Promise<Step> {
  const g = graph();
  const inputs = arrays.map(({ shape }, i) => g.input(`input${i}`, shape));
  const outputs = build(inputs);
  return { session: await session(device, outputs), inputs, outputs };
}

/** A picture as a batch of one. */
const batch = ({ data, shape }: Array64): Array64 => ({ data, shape: [1, ...shape] });

export interface Layer {
  /** `[height, width, channels]` */
  readonly x: Array64;
  /** `[height, width, channels, kernels]` */
  readonly w: Array64;
  /** `[kernels]`; absent: none is added. */
  readonly bias?: Array64;
  readonly activation?: 'linear' | 'relu';
  readonly padding?: 'valid' | 'same';
  readonly stride?: number;
}

/** A convolution, with bias and activation. @returns `[height, width, kernels]`, row by row */
export async function convolve(
  device: Device,
  figure: string,
  { x, w, bias, activation = 'linear', padding = 'valid', stride = 1 }: Layer,
): Promise<ArrayLike<number>> {
  const arrays = [batch(x), w, ...(bias ? [bias] : [])];
  const [y] = await run(device, { figure, kind: `${activation} ${padding} ${stride}` }, arrays, ([x, w, b]) => {
    const products = conv2d(x!, w!, { padding, strides: stride });
    const sums = b ? biasAdd(products, b) : products;
    return [activation === 'relu' ? relu(sums) : sums];
  });
  return y!;
}

export interface Pool {
  /** `[height, width, channels]` */
  readonly x: Array64;
  readonly size: number;
  readonly how: 'max' | 'mean';
  /** A gradient by the pooled map, to be sent back. */
  readonly dy: Array64;
}

/** Pooling with windows side by side, and what the gradient by the pooled map becomes by the map. */
export async function pool(
  device: Device,
  figure: string,
  { x, size, how, dy }: Pool,
): Promise<{ y: ArrayLike<number>; dx: ArrayLike<number> }> {
  const [y, dx] = await run(device, { figure, kind: `${how} ${size}` }, [batch(x), batch(dy)], ([x, dy]) => {
    const pooled = (how === 'max' ? maxPool2d : avgPool2d)(x!, { poolSize: size });
    return [pooled, ...gradients(sum(mul(pooled, dy!)), [x!])];
  });
  return { y: y!, dx: dx! };
}
