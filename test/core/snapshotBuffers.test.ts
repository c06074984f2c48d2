/** Copies of variables on their way to the host. */
import { expect, test } from 'vitest';
import { graph } from '../../src/index.ts';
import { SnapshotBuffers, type Values } from '../../src/runtime/snapshotBuffers.ts';
import { VariableStore } from '../../src/runtime/storage.ts';
import type { Variable } from '../../src/tensor.ts';
import { testDevice } from '../support/device.ts';

test('have as many elements as the variable, of which a buffer may have more; the next copy takes the same arrays', async () => {
  const device = await testDevice();
  const store = new VariableStore(device);
  const g = graph();
  const sizes = [1, 3, 4, 5, 1000];
  const variables: Variable[] = sizes.map((size) => g.variable({ name: `v${size}`, shape: [size], dtype: 'f32' }));
  for (const [i, variable] of variables.entries()) store.write(variable, new Float32Array(sizes[i]!).fill(i + 1));
  const buffers = new SnapshotBuffers(device, store, variables);
  const values: Values = new Map();
  await buffers.copy();
  expect(buffers.read(values)).toBe(true);
  for (const [i, variable] of variables.entries()) {
    expect(values.get(variable)).toEqual(new Float32Array(sizes[i]!).fill(i + 1));
    store.write(
      variable,
      values.get(variable)!.map((x) => -x),
    );
  }
  const arrays = [...values.values()];
  await buffers.copy();
  expect(buffers.read(values)).toBe(true);
  expect([...values.values()].every((array, i) => array === arrays[i] && array[0] === -i - 1)).toBe(true);
  buffers.destroy();
  store.destroy();
});
