/** For tests that go beyond one op's forward and backward: variables, several steps, several outputs. */
import { type Graph, plan, Session, type Tensor } from '../../src/index.ts';
import { elements, hostArray } from '../../src/tensor.ts';
import { testDevice } from './device.ts';

/** Plans a graph, lets `use` run it on the shared device, and frees it. */
export async function withSession<T>(
  g: Graph,
  outputs: readonly Tensor[],
  use: (session: Session) => Promise<T>,
): Promise<T> {
  const device = await testDevice();
  const session = await Session.create(device, plan(g, outputs, { target: device.target }));
  try {
    return await use(session);
  } finally {
    session.destroy();
  }
}

/** Writes plain numbers into an input. */
export function feed(session: Session, input: Tensor, values: ArrayLike<number>): void {
  const data = hostArray(input.dtype, elements(input.shape));
  data.set(values);
  session.write(input, data);
}

/** Runs a graph once. @returns the outputs' values */
export function runOnce(
  g: Graph,
  feeds: readonly (readonly [Tensor, ArrayLike<number>])[],
  outputs: readonly Tensor[],
): Promise<number[][]> {
  const values = outputs.filter(({ role }) => role === 'value');
  return withSession(g, values, async (session) => {
    for (const [input, data] of feeds) feed(session, input, data);
    session.run();
    return Promise.all(outputs.map(async (output) => Array.from(await session.read(output))));
  });
}
