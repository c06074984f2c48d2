/** What a network has learned on the digits 0 to 4 helps it with 5 to 9: frozen layers, and a new head that needs few examples. */
import { adam, type LayerSpec, layers, type Model, requestDevice, sequential } from 'neurite';
import { type Digits, loadDigits } from '../shared/digits.ts';
import { find, percent, say, showErrors } from '../shared/page.ts';

showErrors();
const device = await requestDevice();

/** All layers but the last. Layers with `trainable: false` keep their weights. */
const body = (trainable: boolean): LayerSpec[] => [
  layers.rescaling({ inputShape: [28, 28, 1], scale: 1 / 255 }),
  layers.conv2d({ name: 'strokes', filters: 8, kernelSize: 5, activation: 'relu', trainable }),
  layers.maxPool2d(),
  layers.conv2d({ name: 'parts', filters: 16, kernelSize: 5, strides: 2, activation: 'relu', trainable }),
  layers.flatten(),
];
const head = (): LayerSpec => layers.dense({ name: 'head', units: 5 });

async function compiled(parts: LayerSpec[]): Promise<Model> {
  const model = sequential(parts);
  const optimizer = adam({ learningRate: 0.003 });
  await model.compile({ device, optimizer, loss: 'sparseCategoricalCrossentropy', metrics: ['accuracy'] });
  return model;
}

/** Trains on a few examples. @returns the part of the unseen digits that is right afterwards */
async function learn(model: Model, few: Digits): Promise<number> {
  await model.fit(few, { epochs: 40, batchSize: 5 });
  const { accuracy } = await model.evaluate(unseen);
  model.dispose();
  return accuracy!;
}

say('fetching the digits …');
const many = await loadDigits([0, 1, 2, 3, 4], 0, 200);
const unseen = await loadDigits([5, 6, 7, 8, 9], 100, 60);

const teacher = await compiled([...body(true), head()]);
await teacher.fit(many, {
  epochs: 6,
  validationSplit: 0.2,
  callbacks: {
    onEpochEnd: (epoch, { valAccuracy }) =>
      say(`learning 0 to 4: ${percent(valAccuracy)} are right after ${epoch + 1} epochs of 6`),
  },
});
const learned = (await teacher.getWeights()).filter(({ name }) => !name.startsWith('head'));
teacher.dispose();

const results: { byTransfer: number; fromScratch: number }[] = [];
const counts = [1, 2, 5, 20];
for (const [i, count] of counts.entries()) {
  say(`learning 5 to 9: part ${i + 1} of ${counts.length}`);
  const few = await loadDigits([5, 6, 7, 8, 9], 0, count);
  const transferred = await compiled([...body(false), head()]);
  await transferred.setWeights(learned, { strict: false }); // the head keeps its first weights
  const byTransfer = await learn(transferred, few);
  const fromScratch = await learn(await compiled([...body(true), head()]), few);
  results.push({ byTransfer, fromScratch });
  const row = document.createElement('tr');
  row.insertCell().textContent = String(count);
  for (const part of [byTransfer, fromScratch]) {
    const bar = document.createElement('progress');
    bar.value = part;
    row.insertCell().append(bar, ` ${percent(part)}`);
  }
  find('tbody').append(row);
}
const { byTransfer, fromScratch } = results[0]!;
say(
  `done: from one example of each digit ${percent(byTransfer)} with frozen layers, ${percent(fromScratch)} from scratch`,
);
