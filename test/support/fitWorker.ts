/** A worker that trains the toy model, and tells each batch and, at the end, the bits of the weights. */
import { requestDevice } from '../../src/index.ts';
import { bits, compiledToy, toyExamples } from './toy.ts';

export type FitMessage = { readonly batch: number } | { readonly bits: number[] };

const send = (message: FitMessage) => self.postMessage(message);

const model = await compiledToy({ device: await requestDevice() });
await model.fit(toyExamples(20), {
  epochs: 20,
  batchSize: 8,
  callbacks: { onBatchLogs: (batch) => send({ batch }) },
});
send({ bits: await bits(model) });
