/** Graphs of the engine that a figure runs again and again: planned and compiled once for a device. */
import { type Device, type Session, session, type Tensor } from 'neurite';

export interface Built<I extends string, O extends string> {
  readonly inputs: Readonly<Record<I, Tensor>>;
  readonly outputs: Readonly<Record<O, Tensor>>;
}

/** @returns runs the graph: numbers for each input, in its order, to numbers of each output */
export function onDevice<I extends string, O extends string>(
  build: () => Built<I, O>,
): (device: Device, feeds: Readonly<Record<I, ArrayLike<number>>>) => Promise<Record<O, number[]>> {
  const prepared = new WeakMap<Device, Promise<{ step: Session } & Built<I, O>>>();
  const prepare = async (device: Device) => {
    const built = build();
    return { ...built, step: await session(device, Object.values<Tensor>(built.outputs)) };
  };
  return async (device, feeds) => {
    if (!prepared.has(device)) prepared.set(device, prepare(device));
    const { inputs, outputs, step } = await prepared.get(device)!;
    // From here to the reads nothing waits: another call cannot come between.
    for (const [name, input] of Object.entries<Tensor>(inputs)) {
      const numbers = feeds[name as I];
      step.write(input, input.dtype === 'i32' ? Int32Array.from(numbers) : Float32Array.from(numbers));
    }
    step.run();
    const read = Object.entries<Tensor>(outputs).map(
      async ([name, output]) => [name, await step.read(output)] as const,
    );
    return Object.fromEntries((await Promise.all(read)).map(([name, data]) => [name, Array.from(data)])) as never;
  };
}
