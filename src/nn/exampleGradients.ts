/**
 * Gradients of single examples: of one output by all trainable weights, a row for each example. One example after another runs on
 * a session of batch size 1; their gradients are read back together.
 */
import { gradients } from '../autodiff.ts';
import type { TensorData } from '../data/dataset.ts';
import { examples, floats, type InputData } from '../data/input.ts';
import { decoded, hasBlobs } from '../data/pictures.ts';
import { ArgumentError, ShapeError } from '../errors.ts';
import { graph } from '../graph.ts';
import { NDArray } from '../ndarray/ndarray.ts';
import { came, check, checkOptions, type Kind } from '../options.ts';
import { plan } from '../plan/plan.ts';
import { ReadbackRing } from '../runtime/readback.ts';
import { Session } from '../runtime/session.ts';
import { elements, formatShape, type Tensor } from '../tensor.ts';
import type { KeptContext } from './execute/runners.ts';
import { Model } from './model.ts';
import { inferenceIn, type Network } from './network.ts';
import { rowsAtOnce } from './step/microBatches.ts';
import { count } from './summary.ts';
import { checkInput } from './train/targets.ts';

export interface ExampleGradientsOptions {
  /** Which output is differentiated: its index in the flattened outputs of an example. A model with one output needs none. */
  readonly output?: number;
}

const OPTIONS = { output: 'countFrom0' } as const satisfies Record<keyof ExampleGradientsOptions, Kind>;

/** Most bytes of gradients that are read back at once. All rows within them are of the same weights, even while `fit` runs. */
const MOST_BYTES = 2 ** 26;

/**
 * The gradient of one output by all trainable weights, for each example by itself, in inference mode. It may be called while
 * `fit` runs. The examples are copied, so they may change once the call has returned its promise.
 * @param x `[n, ...inputShape]`
 * @returns `[n, p]` for p trainable parameters, in the order of `getWeights`, each weight flattened
 * @throws ArgumentError if the model has several outputs and none is chosen, has no such output, or trains no weights
 * @throws ShapeError, DataError for examples that do not fit
 */
export async function exampleGradients(
  model: Model,
  x: InputData,
  options: ExampleGradientsOptions = {},
): Promise<NDArray<Float32Array>> {
  if (!(model instanceof Model)) throw new ArgumentError(`exampleGradients: model must be a model, ${came(model)}`);
  const { output } = checkOptions('exampleGradients', options, OPTIONS);
  const outputs = elements(model.outputShape);
  if (output === undefined ? outputs > 1 : output >= outputs) {
    const which = output === undefined ? 'choose one with' : `got ${output}; write`;
    throw new ArgumentError(
      `exampleGradients: the model has ${outputs} outputs; ${which} { output: … }, from 0 to ${outputs - 1}.`,
    );
  }
  const own = floats(examples('x', hasBlobs(x) ? await decoded('x', x, model.inputShape) : x, model.inputShape, true));
  checkInput(own.shape, model.inputShape, 'exampleGradients: ', x);
  return model.inTurn('exampleGradients', async ({ runners }) => {
    const fits = (kept: RowRunner) => kept.asked >= own.shape[0]!;
    const make = (context: KeptContext) => RowRunner.create(own.shape[0]!, context);
    return (await runners.keep(RowRunner, fits, make)).run(own, output ?? 0);
  });
}

/**
 * The tangent kernel K = A B^T of gradients: K(x, x') is the scalar product of the gradients of f(x) and f(x') by all weights. It
 * is summed on the host in double precision: the gradients are there already, the sums over them take little beside the
 * gradients, and they add no rounding of their own.
 * @param gradients `[n, p]`, of `exampleGradients`
 * @param others `[k, p]`, of the same model at other examples or other weights. Default: `gradients`
 * @returns `[n, k]`
 * @throws ShapeError if they are not of as many weights
 */
export function tangentKernel(gradients: TensorData, others: TensorData = gradients): NDArray<Float64Array> {
  for (const [name, given] of Object.entries({ gradients, others })) {
    check('tangentKernel', name, given, 'record');
    check('tangentKernel', `${name}.shape`, given.shape, 'list');
  }
  const [a, b] = [gradients.shape, others.shape];
  const fits = ({ data, shape }: TensorData) => shape.length === 2 && data.length === elements(shape);
  if (!fits(gradients) || !fits(others) || a[1] !== b[1]) {
    throw new ShapeError(
      `tangentKernel: takes gradients [n, p] and [k, p] of the same p weights, got ${formatShape(a)} and ${formatShape(b)}.`,
    );
  }
  const [n, p, k] = [a[0]!, a[1]!, b[0]!];
  const data = new Float64Array(n * k);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < k; j++) {
      let sum = 0;
      for (let w = 0; w < p; w++) sum += gradients.data[i * p + w]! * others.data[j * p + w]!;
      data[i * k + j] = sum;
    }
  }
  return new NDArray(data, [n, k], 'float64');
}

function build(network: Network) {
  const weights = network.trainableWeights;
  if (weights.length === 0) throw new ArgumentError('exampleGradients: the model has no weights that are trained.');
  const g = graph();
  const x = g.input('x', [1, ...network.inputShape]);
  const chosen = g.input('chosen', [1, ...network.outputShape]); // 1 at the output to differentiate
  const rows = g.input('rows', [1], 'u32');
  const prediction = network.apply(x, inferenceIn(g, rows));
  const tensors = weights.map(({ variable }) => g.variable(variable));
  return { graph: g, x, chosen, rows, gradients: gradients(prediction, tensors, chosen), length: count(weights) };
}

/** Runs a network on one example after another, and reads the gradients of several of them together. */
class RowRunner {
  /** The number of examples that it was made for. It may take fewer at once. */
  readonly asked: number;
  readonly #rows: number;
  readonly #session: Session;
  readonly #ring: ReadbackRing;
  readonly #parts: ReturnType<typeof build>;

  private constructor(asked: number, rows: number, session: Session, parts: ReturnType<typeof build>) {
    this.asked = asked;
    this.#rows = rows;
    this.#session = session;
    this.#parts = parts;
    this.#ring = new ReadbackRing(session.device, 'exampleGradients', rows * parts.length, 1);
  }

  static async create(asked: number, context: KeptContext): Promise<RowRunner> {
    const { network, device, variables, arena, memoryBudget, planOptions } = context;
    const parts = build(network);
    const planned = plan(parts.graph, [...new Set(parts.gradients)], planOptions);
    const most = Math.max(1, Math.floor(MOST_BYTES / (4 * parts.length)));
    const rows = rowsAtOnce(Math.min(asked, most), (count) =>
      memoryBudget.misfitBeside(planned, 4 * parts.length * count, count),
    );
    const session = await Session.create(device, planned, { variables, arena });
    try {
      return new RowRunner(asked, rows, session, parts);
    } catch (error) {
      session.destroy(); // the model was disposed in the meantime
      throw error;
    }
  }

  /** Bytes of the buffers that belong to it alone. */
  get bytes(): number {
    return this.#session.bytes + this.#ring.bytes;
  }

  /** @param x `[n, ...inputShape]` @returns `[n, p]` */
  async run(x: TensorData, output: number): Promise<NDArray<Float32Array>> {
    const { length, chosen, rows } = this.#parts;
    const n = x.shape[0]!;
    const data = new Float32Array(n * length);
    const oneHot = new Float32Array(elements(chosen.shape));
    oneHot[output] = 1;
    for (let start = 0; start < n; start += this.#rows) {
      const end = Math.min(start + this.#rows, n);
      // Nothing is awaited between these rows, so no step of a `fit` comes between them.
      this.#write(chosen, oneHot);
      this.#write(rows, Uint32Array.of(1));
      for (let row = start; row < end; row++) this.#submit(x, row, row - start);
      const values = await this.#ring.collect();
      data.set(values.subarray(0, (end - start) * length), start * length);
    }
    return new NDArray(data, [n, length], 'float32');
  }

  /** @param at the row of the staging buffer that gets the gradients */
  #submit({ data, shape }: TensorData, row: number, at: number): void {
    const session = this.#session;
    const size = data.length / shape[0]!;
    this.#write(this.#parts.x, data.subarray(row * size, (row + 1) * size));
    session.device.checkAlive();
    const encoder = session.device.gpu.createCommandEncoder();
    session.encode(encoder);
    let offset = at * this.#parts.length;
    for (const gradient of this.#parts.gradients) {
      const numbers = elements(gradient.shape);
      this.#ring.copy(encoder, session.place(gradient), numbers, offset);
      offset += numbers;
    }
    session.device.gpu.queue.submit([encoder.finish()]);
  }

  /** Writes an input, if the plan reads it: a linear model's gradients may not depend on all of them. */
  #write(input: Tensor, data: Float32Array | Uint32Array): void {
    if (this.#session.uses(input)) this.#session.write(input, data);
  }

  destroy(): void {
    this.#ring.destroy();
    this.#session.destroy();
  }
}
