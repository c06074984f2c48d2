/** Times runs of a plan: submits enough of them together for a sample, and waits until a result is on the host. */
import { type Device, DeviceError, type Plan, Session, type Tensor } from 'neurite';
import { uniform } from './batch.ts';
import { type Timing, timing } from './measure.ts';

/** Least time of a group of runs, because shorter times cannot be measured from the host. */
const SHORTEST_SAMPLE_MS = 20;
const MOST_RUNS_A_SAMPLE = 500;

export interface RunOptions {
  /** Samples are taken until this much time has passed. */
  readonly budgetMs: number;
  /** If the first run takes longer than this, it is the only sample. */
  readonly onceAboveMs: number;
}

/**
 * A plan that can be timed: its inputs hold noise, and a run counts as finished once a value that it wrote is on the host.
 */
export class Runs {
  readonly session: Session;
  readonly #device: Device;
  readonly #staging: GPUBuffer;
  readonly #output: { readonly buffer: GPUBuffer; readonly offset: number };

  private constructor(device: Device, session: Session, output: Tensor) {
    this.#device = device;
    this.session = session;
    this.#output = session.place(output);
    this.#staging = device.createBuffer('bench:finished', 4, GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST);
  }

  /** @param fill values of inputs that must not be noise */
  static async create(device: Device, plan: Plan, fill: (input: Tensor) => number | undefined): Promise<Runs> {
    const session = await Session.create(device, plan);
    for (const input of plan.inputs) session.write(input, noise(input, fill(input)));
    return new Runs(device, session, plan.outputs[0]!);
  }

  /** Milliseconds of one run among `count` that are submitted together. */
  async run(count = 1): Promise<number> {
    const encoder = this.#device.gpu.createCommandEncoder();
    for (let i = 0; i < count; i++) this.session.encode(encoder);
    encoder.copyBufferToBuffer(this.#output.buffer, this.#output.offset, this.#staging, 0, 4);
    const began = performance.now();
    this.#device.gpu.queue.submit([encoder.finish()]);
    await this.#device.ended(this.#staging.mapAsync(GPUMapMode.READ));
    const took = performance.now() - began;
    this.#staging.unmap();
    return took / count;
  }

  /** After a first run that warmed up and took `first`: times samples of as many runs as make a sample long enough. */
  async time(first: number, { budgetMs, onceAboveMs }: RunOptions): Promise<Timing> {
    if (first > onceAboveMs) return timing([first]);
    const estimate = await this.run(first < 1 ? 10 : 1);
    const count = Math.min(MOST_RUNS_A_SAMPLE, Math.max(1, Math.ceil(SHORTEST_SAMPLE_MS / Math.max(estimate, 1e-3))));
    const samples: number[] = [];
    const began = performance.now();
    while (samples.length < 3 || (samples.length < 20 && performance.now() - began < budgetMs)) {
      samples.push(await this.run(count));
    }
    return timing(samples);
  }

  /** @throws DeviceError if WebGPU reported an error since the last call: then no time is one of finished work */
  checkErrors(): void {
    const [error] = this.#device.errors.splice(0);
    if (error) throw new DeviceError(`bench: WebGPU reported: ${error}`);
  }

  destroy(): void {
    this.#staging.destroy();
    this.session.destroy();
  }
}

/** Noise in [-1, 1) for floats. Integers, which are indices, are all `value`, or 0. */
function noise({ shape, dtype }: Tensor, value: number | undefined): Float32Array | Int32Array | Uint32Array {
  const length = shape.reduce((total, size) => total * size, 1);
  if (dtype === 'i32') return new Int32Array(length).fill(value ?? 0);
  if (dtype === 'u32') return new Uint32Array(length).fill(value ?? 0);
  const random = uniform(3);
  return value === undefined
    ? new Float32Array(length).map(() => 2 * random() - 1)
    : new Float32Array(length).fill(value);
}
