/** Model files that were damaged, or say something else, up to the GPU: refused, or models that compute something. */
import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import { loadModel, NeuriteError } from '../../src/index.ts';
import { elements } from '../../src/tensor.ts';
import { description, modelFile } from '../files/modelFile.ts';
import { damaged, edited, mutations } from '../files/mutations.ts';
import { takeErrors, testDevice } from '../support/device.ts';

/** Files that have passed: loaded and used, and refused. */
const passed = { used: 0, refused: 0 };

async function loadAndUse(file: Uint8Array<ArrayBuffer>): Promise<void> {
  const device = await testDevice();
  const model = await loadModel(file, { device, tune: false }).catch((error: Error) => error);
  if (model instanceof Error) {
    if (!(model instanceof NeuriteError)) throw model;
    passed.refused++;
  } else {
    const shape = [2, ...model.inputShape];
    const { data } = await model.predict({ data: new Float32Array(elements(shape)).fill(0.5), shape });
    expect(data).toHaveLength(2 * elements(model.outputShape));
    model.dispose();
    passed.used++;
  }
  expect(await takeErrors()).toEqual([]);
}

test.each<[string, fc.Arbitrary<Uint8Array<ArrayBuffer>>, number]>([
  ['whose description says something else', edited(description).map((said) => modelFile(said)), 600],
  ['of damaged bytes', mutations.map((how) => damaged(modelFile(), how)), 300],
])('models %s', async (_, files, numRuns) => {
  await fc.assert(fc.asyncProperty(files, loadAndUse), { seed: 19, numRuns });
});

afterAll(() => {
  expect(passed.used).toBeGreaterThan(100);
  expect(passed.refused).toBeGreaterThan(300);
});
