/** Optimizer kernels over several steps, weights and slots, against a rule for one weight in double precision. */
import { graph, type Optimizer, type Tensor, type Variable } from '../../src/index.ts';
import { type Array64, expectClose, map, randomArray, randomStream, size, type Tolerance, zeros } from './arrays.ts';
import { feed, withSession } from './session.ts';

export const STEPS = 12;

/** A weight and its slots. */
export interface State {
  w: number;
  slots: number[];
}

export interface UpdateRun {
  readonly w: ArrayLike<number>;
  readonly slots: readonly ArrayLike<number>[];
}

/** First weights, and gradients of each step, of sizes from 0.1 to 1 with a few of 0. */
export function updateData(shape: readonly number[], steps = STEPS): { start: Array64; gradients: readonly Array64[] } {
  const random = randomStream(size(shape));
  const start = randomArray(shape, random);
  const gradients = Array.from({ length: steps }, () =>
    map(randomArray(shape, random), (g, i) => (i % 11 === 7 ? 0 : g)),
  );
  return { start, gradients };
}

/** Runs the steps on the device. */
export function runUpdates(
  { start, gradients }: ReturnType<typeof updateData>,
  slotNames: readonly string[],
  append: (w: Tensor, slots: readonly Tensor[], dw: Tensor, hyper: Tensor) => void,
  hyper: (step: number) => readonly number[],
): Promise<UpdateRun> {
  const g = graph();
  const { shape } = start;
  const weight: Variable = { name: 'w', shape, dtype: 'f32', initial: () => Float32Array.from(start.data) };
  const w = g.variable(weight);
  const slots = slotNames.map((name) => g.variable({ name, shape, dtype: 'f32' }));
  const dw = g.input('dw', shape);
  const numbers = g.input('hyper', [4]);
  append(w, slots, dw, numbers);
  return withSession(g, [], async (session) => {
    for (const [i, gradient] of gradients.entries()) {
      feed(session, dw, gradient.data);
      feed(session, numbers, hyper(i + 1));
      session.run();
    }
    return { w: await session.read(w), slots: await Promise.all(slots.map((slot) => session.read(slot))) };
  });
}

/** The same with an optimizer, its slots and its numbers. */
export function runOptimizer(optimizer: Optimizer, data: ReturnType<typeof updateData>): Promise<UpdateRun> {
  const slots = optimizer.slots({ name: 'w', shape: data.start.shape, dtype: 'f32' }).map(({ name }) => name);
  const rate = (step: number) =>
    typeof optimizer.learningRate === 'number' ? optimizer.learningRate : optimizer.learningRate.at(step - 1);
  return runUpdates(data, slots, optimizer.update, (step) => optimizer.hyper(step, rate(step)));
}

/** Compares weights and slots with what `rule` makes of each weight in double precision. */
export function expectUpdates(
  run: UpdateRun,
  { start, gradients }: ReturnType<typeof updateData>,
  rule: (state: State, g: number, step: number) => void,
  tolerance: Tolerance,
): void {
  const states = Array.from(start.data, (w): State => ({ w, slots: run.slots.map(() => 0) }));
  gradients.forEach((gradient, i) => {
    states.forEach((state, k) => {
      rule(state, gradient.data[k]!, i + 1);
    });
  });
  expectClose(
    'w',
    run.w,
    map(start, (_, k) => states[k]!.w),
    tolerance,
  );
  run.slots.forEach((slot, s) => {
    expectClose(
      `slot ${s}`,
      slot,
      map(zeros(start.shape), (_, k) => states[k]!.slots[s]!),
      tolerance,
    );
  });
}
