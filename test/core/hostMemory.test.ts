/** What is written to the GPU may lie in any memory that JavaScript has. */
import { describe, expect, test } from 'vitest';
import { ArgumentError, add, type DType, graph, type HostArray, type Tensor } from '../../src/index.ts';
import { VariableStore } from '../../src/runtime/storage.ts';
import { testDevice } from '../support/device.ts';
import { detach, MEMORIES, shrinkable } from '../support/memory.ts';
import { withSession } from '../support/session.ts';

const VALUES = [1.5, -2, 3, 4, 5];

describe('session.write', () => {
  const g = graph();
  const x = g.input('x', [5]);
  const y = add(x, x);

  test.each(MEMORIES)('takes $name', ({ of }) =>
    withSession(g, [y], async (session) => {
      session.write(x, of(Float32Array, VALUES));
      session.run();
      expect([...(await session.read(y))]).toEqual(VALUES.map((value) => 2 * value));
    }),
  );

  test.each(MEMORIES)('has read $name when it returns', ({ of }) =>
    withSession(g, [y], async (session) => {
      const data = of(Float32Array, VALUES);
      session.write(x, data);
      data.fill(7);
      session.run();
      expect([...(await session.read(y))]).toEqual(VALUES.map((value) => 2 * value));
    }),
  );

  test('refuses memory that is gone, and what holds other numbers', () =>
    withSession(g, [y], async (session) => {
      const gone = Float32Array.from(VALUES);
      detach(gone);
      const { fixed, tracking, shrink } = shrinkable(VALUES);
      shrink();
      const Float16 = (globalThis as { Float16Array?: Float32ArrayConstructor }).Float16Array;
      const refused = [
        ...[gone, fixed, tracking, new Float32Array(0), new Float64Array(5), new Int32Array(5)],
        ...[new Uint8ClampedArray(20), new BigInt64Array(5), new DataView(new ArrayBuffer(20)), new ArrayBuffer(20)],
        ...[VALUES, null, undefined, ...(Float16 ? [new Float16(5)] : [])],
      ];
      for (const data of refused) expect(() => session.write(x, data as never)).toThrow(ArgumentError);
    }));
});

describe('first values of variables', () => {
  const variable = (dtype: DType, initial: () => HostArray) => ({ name: 'w', shape: [5], dtype, initial });

  test.each(MEMORIES)('may lie in $name', async ({ of }) => {
    const store = new VariableStore(await testDevice());
    const cases = [
      ['f32', Float32Array],
      ['i32', Int32Array],
      ['u32', Uint32Array],
    ] as const;
    for (const [dtype, Type] of cases) {
      const values = of(Type as Float32ArrayConstructor, [1, 2, 3, 4, 5]);
      expect([...(await store.read(variable(dtype, () => values)))]).toEqual([1, 2, 3, 4, 5]);
    }
    store.destroy();
  });

  test('are refused where they are of another kind', async () => {
    const store = new VariableStore(await testDevice());
    for (const wrong of [new Float64Array(5), new Int32Array(5), new Uint8Array(20)]) {
      expect(() => store.place(variable('f32', () => wrong as never))).toThrow(ArgumentError);
    }
    store.destroy();
  });

  test('reach the graph as they are', async () => {
    const g = graph();
    const w: Tensor = g.variable(variable('f32', () => MEMORIES[1]!.of(Float32Array, VALUES)));
    await withSession(g, [add(w, w)], async (session) => {
      expect([...(await session.read(w))]).toEqual(VALUES);
    });
  });
});
