/** Training in a worker: the model has the methods of one in the page, whose callbacks the worker calls. */
import { adam, layers, remote } from 'neurite/worker';
import { find, percent, say, showErrors } from '../shared/page.ts';

showErrors();
const EPOCHS = 60;
/** Places of the drawn square, in each direction. */
const GRID = 48;
const canvas = find<HTMLCanvasElement>('canvas');
const pen = canvas.getContext('2d')!;
const background = new OffscreenCanvas(GRID, GRID);

/** Points in the square from -1 to 1. Those on a ring are of class 1. */
function ring() {
  const data = Float32Array.from({ length: 2 * 600 }, () => 2 * Math.random() - 1);
  const y = Int32Array.from({ length: 600 }, (_, i) => {
    const radius = Math.hypot(data[2 * i]!, data[2 * i + 1]!);
    return radius > 0.4 && radius < 0.8 ? 1 : 0;
  });
  return { x: { data, shape: [600, 2] }, y };
}

/** @param map the probability of class 1 at each place */
function draw(map: Float32Array) {
  const pixels = new ImageData(GRID, GRID);
  map.forEach((probability, place) => {
    const [no, yes] = [1 - probability, probability];
    pixels.data.set([230 * no + 150 * yes, 225 * no + 190 * yes, 215 * no + 210 * yes, 255], 4 * place);
  });
  background.getContext('2d')!.putImageData(pixels, 0, 0);
  pen.drawImage(background, 0, 0, canvas.width, canvas.height);
  points.y.forEach((label, i) => {
    const [x, y] = [points.x.data[2 * i]!, points.x.data[2 * i + 1]!];
    pen.fillStyle = label === 1 ? '#1d6a8f' : '#8a7f6a';
    pen.beginPath();
    pen.arc(((x + 1) / 2) * canvas.width, ((y + 1) / 2) * canvas.height, 4, 0, 7);
    pen.fill();
  });
}

/** The middle of each place, from the top left. */
const places = {
  data: Float32Array.from({ length: 2 * GRID * GRID }, (_, k) => {
    const place = k >> 1;
    return (2 * (k % 2 ? Math.floor(place / GRID) : place % GRID) + 1) / GRID - 1;
  }),
  shape: [GRID * GRID, 2],
};

async function makeModel() {
  const model = await remote([
    layers.dense({ inputShape: [2], units: 32, activation: 'relu', kernelInitializer: 'heUniform' }),
    layers.dense({ units: 32, activation: 'relu', kernelInitializer: 'heUniform' }),
    layers.dense({ units: 2 }),
  ]);
  await model.compile({
    optimizer: adam({ learningRate: 0.01 }),
    loss: 'sparseCategoricalCrossentropy',
    metrics: ['accuracy'],
    labels: ['outside', 'on the ring'],
    onProgress: (done, all) => say(`compiling kernels: ${done} of ${all}`),
  });
  return model;
}

async function drawMap(): Promise<void> {
  const { data } = await model.predict(places, { batchSize: GRID * GRID, as: 'probabilities' });
  draw(Float32Array.from({ length: GRID * GRID }, (_, place) => data[2 * place + 1]!));
}

const stop = find<HTMLButtonElement>('#stop');
let points = ring();
draw(new Float32Array(GRID * GRID));
let model = await makeModel();
let run = new AbortController();
let ready = false;

async function train(): Promise<void> {
  run = new AbortController();
  const { signal } = run;
  ready = false;
  stop.disabled = false;
  let told = '';
  await model
    .fit(points.x, points.y, {
      epochs: EPOCHS,
      signal,
      callbacks: {
        async onEpochEnd(epoch, { accuracy }) {
          told = `epoch ${epoch + 1} of ${EPOCHS}: ${percent(accuracy)} of the points are right`;
          say(told);
          await drawMap();
        },
      },
    })
    .catch((error) => {
      if (!signal.aborted) throw error;
    });
  ready = true;
  stop.disabled = true;
  say(`${told}, ${signal.aborted ? 'stopped' : 'done'}`);
}

let trained = train();
stop.onclick = () => run.abort();
find('#start').onclick = async () => {
  run.abort();
  await trained;
  model.dispose();
  points = ring();
  model = await makeModel();
  trained = train();
  await trained;
};

canvas.onpointermove = async ({ offsetX, offsetY }) => {
  if (!ready) return;
  const place = [(2 * offsetX) / canvas.clientWidth - 1, (2 * offsetY) / canvas.clientHeight - 1];
  const [best] = (await model.classify([place]))[0]!;
  find('#place').textContent = `This place is ${best!.label}, says the model: ${percent(best!.probability)}.`;
};

let [before, angle] = [performance.now(), 0];
function roll(now: number) {
  angle += (find<HTMLInputElement>('#speed').valueAsNumber * (now - before)) / 500;
  before = now;
  find('#ball').style.transform = `translateX(${4 + 4 * Math.sin(angle)}rem)`;
  requestAnimationFrame(roll);
}
requestAnimationFrame(roll);
