/** A worker that trains is ended in mid-step: others on the same GPU, in the page and in workers, go on as if it had not been. */
import { expect, test } from 'vitest';
import type { FitMessage } from '../support/fitWorker.ts';
import { bits, compiledToy, toyExamples } from '../support/toy.ts';

const startWorker = () => new Worker(new URL('../support/fitWorker.ts', import.meta.url), { type: 'module' });

/** Ends the worker after so many batches. @returns the batches it told, or at its end the bits of its weights */
function run(worker: Worker, batches: number): Promise<number[]> {
  return new Promise((resolve, reject) => {
    let told = 0;
    worker.onerror = (event) => reject(new Error(event.message));
    worker.onmessage = ({ data }: MessageEvent<FitMessage>) => {
      if ('batch' in data && ++told < batches) return;
      worker.terminate();
      resolve('bits' in data ? data.bits : [told]);
    };
  });
}

test('others train to the same bits', async () => {
  const fitHere = async () => {
    const model = await compiledToy();
    await model.fit(toyExamples(20), { epochs: 20, batchSize: 8 });
    const weights = await bits(model);
    model.dispose();
    return weights;
  };
  const want = await fitHere();
  for (const batches of [1, 2, 7, 20]) {
    const ended = run(startWorker(), batches);
    const beside = fitHere(); // on the page, while the worker trains and is ended
    expect(await ended).toEqual([batches]);
    expect(await beside).toEqual(want);
  }
  expect(await run(startWorker(), Number.POSITIVE_INFINITY)).toEqual(want);
});
