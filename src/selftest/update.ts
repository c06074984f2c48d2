/** Specs of optimizer kernels: several steps over weights and slots, against a rule for one weight in double precision. */
import { type Device, graph, type Tensor, type Variable } from '../index.ts';
import type { KernelChoice } from '../plan/kernels.ts';
import { type Array64, map, randomArray, randomStream, size, type Tolerance, zeros } from './arrays.ts';
import { feed, onDevice } from './onDevice.ts';

export const STEPS = 12;

/** Sizes: less than a vec4, a partial vec4, more than a workgroup. */
export const UPDATE_SHAPES: readonly (readonly number[])[] = [[1], [3, 5, 7], [64, 5]];

/** A weight and its slots. */
export interface State {
  w: number;
  slots: number[];
}

/** The rule by which an optimizer kernel updates each weight in each step. */
export interface UpdateSpec {
  readonly name: string;
  /** Names of the slots. */
  readonly slots: readonly string[];
  /** Adds the op under test to a graph. */
  append(w: Tensor, slots: readonly Tensor[], dw: Tensor, hyper: Tensor): void;
  /** The numbers (`hyper`) of a step, at most four. Steps count from 1. */
  hyper(step: number): readonly number[];
  rule(state: State, g: number, step: number): void;
  readonly tolerance: Tolerance;
  /** Count of numbers that the op takes. Default: 4. */
  readonly count?: number;
}

export interface UpdateData {
  readonly start: Array64;
  readonly gradients: readonly Array64[];
}

/** Initial weights, and the gradients of each step, with absolute values from 0.1 to 1 and a few of 0. */
export function updateData(shape: readonly number[], steps = STEPS): UpdateData {
  const random = randomStream(size(shape));
  const start = randomArray(shape, random);
  const gradients = Array.from({ length: steps }, () =>
    map(randomArray(shape, random), (g, i) => (i % 11 === 7 ? 0 : g)),
  );
  return { start, gradients };
}

/** The weights and slots after the steps. */
export interface UpdateRun<T> {
  readonly w: T;
  readonly slots: readonly T[];
}

/** Runs the steps on a device. */
export async function runUpdates(
  device: Device,
  { start, gradients }: UpdateData,
  spec: Pick<UpdateSpec, 'slots' | 'append' | 'hyper' | 'count'>,
  choose?: KernelChoice,
): Promise<UpdateRun<ArrayLike<number>>> {
  const g = graph();
  const { shape } = start;
  const weight: Variable = { name: 'w', shape, dtype: 'f32', initial: () => Float32Array.from(start.data) };
  const w = g.variable(weight);
  const slots = spec.slots.map((name) => g.variable({ name, shape, dtype: 'f32' }));
  const dw = g.input('dw', shape);
  const { count = 4 } = spec;
  const hyper = g.input('hyper', [count]);
  spec.append(w, slots, dw, hyper);
  return onDevice(device, g, [], choose, async (session) => {
    for (const [i, gradient] of gradients.entries()) {
      feed(session, dw, gradient.data);
      feed(session, hyper, [...spec.hyper(i + 1), 0, 0, 0].slice(0, count));
      session.run();
    }
    const [gotW, ...gotSlots] = await Promise.all([w, ...slots].map((tensor) => session.read(tensor)));
    return { w: gotW!, slots: gotSlots };
  });
}

/** The weights and slots that `rule` gives. */
export function ruleResult(
  { start, gradients }: UpdateData,
  slots: number,
  rule: UpdateSpec['rule'],
): UpdateRun<Array64> {
  const states = Array.from(start.data, (w): State => ({ w, slots: Array<number>(slots).fill(0) }));
  gradients.forEach((gradient, i) => {
    states.forEach((state, k) => {
      rule(state, gradient.data[k]!, i + 1);
    });
  });
  return {
    w: map(start, (_, k) => states[k]!.w),
    slots: Array.from({ length: slots }, (_, s) => map(zeros(start.shape), (_, k) => states[k]!.slots[s]!)),
  };
}
