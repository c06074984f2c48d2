/** Trains on handwritten digits with early stopping, keeps the model in the browser, and has the visitor's digits classified. */
import { adam, earlyStopping, layers, listModels, loadModel, type Model, removeModel, sequential } from 'neurite';
import { confusionMatrix, trainingCurves } from 'neurite/vis';
import { probabilityBars } from '../shared/bars.ts';
import { drawDigits, loadDigits } from '../shared/digits.ts';
import { drawingPad } from '../shared/pad.ts';
import { find, percent, say, showErrors } from '../shared/page.ts';
import { centred } from './centre.ts';

showErrors();
const DIGITS = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];
const ADDRESS = 'indexeddb://digits';
const canvas = find<HTMLCanvasElement>('#pad');

say('fetching the digits …');
drawDigits(find<HTMLCanvasElement>('#samples'), await loadDigits(DIGITS, 0, 2), DIGITS.length);

async function trained(): Promise<Model> {
  const digits = await loadDigits(DIGITS, 0, 200);
  const model = sequential([
    layers.rescaling({ inputShape: [28, 28, 1], scale: 1 / 255 }),
    layers.conv2d({ filters: 8, kernelSize: 5, activation: 'relu' }),
    layers.maxPool2d(),
    layers.conv2d({ filters: 16, kernelSize: 5, strides: 2, activation: 'relu' }),
    layers.flatten(),
    layers.dropout({ rate: 0.2 }),
    layers.dense({ units: 10 }),
  ]);
  await model.compile({
    optimizer: adam({ learningRate: 0.003 }),
    loss: 'sparseCategoricalCrossentropy',
    metrics: ['accuracy'],
    onProgress: (done, all) => say(`compiling kernels: ${done} of ${all}`),
  });
  const history = await model.fit(digits, {
    epochs: 40,
    validationSplit: 0.2,
    callbacks: [
      trainingCurves(find('#curves')),
      earlyStopping({ patience: 3, restoreBestWeights: true }),
      {
        onEpochEnd(epoch, { valAccuracy }) {
          say(`epoch ${epoch + 1}: ${percent(valAccuracy)} of the digits that were held out are right`);
        },
      },
    ],
  });
  await model.save(ADDRESS);
  find('#curves').dataset.epochs = String(history.epoch.length);
  return model;
}

const kept = (await listModels()).find(({ address }) => address === ADDRESS);
const model = kept ? await loadModel(ADDRESS) : await trained();
if (kept) find('#curves').textContent = `It was trained on ${kept.saved.toLocaleString()}.`;

// Digits that neither the training nor its validation has seen.
const unseen = await loadDigits(DIGITS, 300, 30);
const { accuracy } = await model.evaluate(unseen);
confusionMatrix(find('#confusion'), unseen.y, await model.predict(unseen.x), { labels: DIGITS.map(String) });
say(
  `${kept ? 'Loaded from this browser' : 'Trained, and kept in this browser'}: ${percent(accuracy)} of ${unseen.y.length} unseen digits are right`,
);

const show = probabilityBars(find('#bars'), DIGITS.map(String));
let [changed, looking] = [false, false];
async function look() {
  changed = true;
  if (looking) return; // the look under way is followed by another
  looking = true;
  try {
    while (changed) {
      changed = false;
      const probabilities = await model.predict(centred(canvas), { as: 'probabilities' });
      show([...probabilities.data]);
    }
  } finally {
    looking = false;
  }
}
find('#clear').onclick = drawingPad(canvas, 12, look);
const forget = find<HTMLButtonElement>('#forget');
forget.disabled = false;
forget.onclick = async () => {
  await removeModel(ADDRESS);
  location.reload();
};
