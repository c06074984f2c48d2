/**
 * A training whose snapshots lie in the origin's private file system. When the page is opened again `resume` goes on from the last one,
 * and gets the weights of a training that nothing has cut off.
 */
import { adam, type Callback, layers, type Model, privateFileStore, resume, sequential } from 'neurite';
import { find, say, showErrors } from '../shared/page.ts';

showErrors();
const EPOCHS = 60;
const STEPS = 12; // of an epoch
const ROWS = 16 * STEPS;

// The same data each time, which resume checks: points of a wave.
const data = Float32Array.from({ length: ROWS }, (_, i) => (2 * i) / ROWS - 1);
const x = { data, shape: [ROWS, 1] };
const y = { data: data.map((at) => Math.sin(5 * at)), shape: [ROWS, 1] };

const store = privateFileStore('example: resume');
const REMEMBERED = 'example: resume';
interface Ended {
  readonly reloads: number;
  readonly loss: string;
  readonly fingerprint: string;
}
const remembered: { reloads: number; ended: Ended[] } = JSON.parse(
  localStorage.getItem(REMEMBERED) ?? '{ "reloads": 0, "ended": [] }',
);
const remember = () => localStorage.setItem(REMEMBERED, JSON.stringify(remembered));

/** Each epoch takes at least a moment, so that there is time for a reload. */
const progress: Callback = {
  onTrainBegin({ initialEpoch, startAtStep }) {
    const goesOn = initialEpoch + startAtStep > 0;
    remembered.reloads = goesOn ? remembered.reloads + 1 : 0;
    remember();
    document.body.dataset.began = `epoch ${initialEpoch + 1}, step ${startAtStep + 1}`;
  },
  async onEpochEnd(epoch, { loss = 0 }) {
    find<HTMLProgressElement>('progress').value = (epoch + 1) / EPOCHS;
    const { began } = document.body.dataset;
    say(`epoch ${epoch + 1} of ${EPOCHS}: loss ${loss.toFixed(5)}. This page began at ${began}`);
    await new Promise((done) => setTimeout(done, 150));
  },
};

async function begin() {
  const model = sequential([
    layers.dense({ inputShape: [1], units: 32, activation: 'tanh' }),
    layers.dropout({ rate: 0.05 }),
    layers.dense({ units: 32, activation: 'tanh' }),
    layers.dense({ units: 1 }),
  ]);
  await model.compile({ optimizer: adam({ learningRate: 0.005 }), loss: 'meanSquaredError', seed: 1 });
  const recovery = { store, everySteps: 20 };
  const history = await model.fit({ x, y }, { epochs: EPOCHS, batchSize: 16, callbacks: progress, recovery });
  return { model, history };
}

/** The first digits of a hash of all weights: other bits, another fingerprint. */
async function fingerprintOf(model: Model): Promise<string> {
  const bytes = (await model.getWeights()).map(
    ({ data }) => new Uint8Array(data.buffer, data.byteOffset, data.byteLength),
  );
  const hash = await crypto.subtle.digest('SHA-256', await new Blob(bytes as BlobPart[]).arrayBuffer());
  return [...new Uint8Array(hash, 0, 8)].map((byte) => byte.toString(16).padStart(2, '0')).join(' ');
}

function list() {
  find('tbody').replaceChildren();
  for (const { reloads, loss, fingerprint } of remembered.ended) {
    const row = document.createElement('tr');
    for (const text of [String(reloads), loss, fingerprint]) row.insertCell().textContent = text;
    find('tbody').append(row);
  }
  const kinds = new Set(remembered.ended.map(({ fingerprint }) => fingerprint)).size;
  if (remembered.ended.length > 1) {
    find('#same').textContent =
      kinds === 1 ? 'All runs have the same bits.' : `There are ${kinds} results. They should be one.`;
  }
}

list();
find('#reload').onclick = () => location.reload();
const { model, history } = (await resume({ x, y }, { store, callbacks: progress })) ?? (await begin());
const loss = history.loss!.at(-1)!.toFixed(5);
remembered.ended.push({ reloads: remembered.reloads, loss, fingerprint: await fingerprintOf(model) });
remember();
list();
say(`done, with ${remembered.reloads} reloads: loss ${loss}`);
find('#reload').textContent = 'Train once more';
