/** Three spirals of points, and a network that learns which is where. A change of the turns begins another training. */
import { adam, layers, requestDevice, sequential } from 'neurite';
import { find, percent, say, showErrors } from '../shared/page.ts';

showErrors();
const CLASSES = 3;
const EACH = 200; // points of a class
const EPOCHS = 80;
const GRID = 60; // places of the background, in each direction
const COLOURS = [
  { name: 'blue', rgb: [29, 106, 143] },
  { name: 'orange', rgb: [179, 73, 11] },
  { name: 'green', rgb: [66, 128, 60] },
] as const;

/** Points of spirals in the square from -1 to 1, and their classes. */
function spirals(turns: number) {
  const data = new Float32Array(2 * CLASSES * EACH);
  const y = new Int32Array(CLASSES * EACH);
  for (let i = 0; i < y.length; i++) {
    const [label, along] = [i % CLASSES, Math.floor(i / CLASSES) / EACH];
    const angle = 2 * Math.PI * (turns * along + label / CLASSES) + 0.3 * (Math.random() - Math.random());
    data[2 * i] = (0.1 + 0.85 * along) * Math.cos(angle);
    data[2 * i + 1] = (0.1 + 0.85 * along) * Math.sin(angle);
    y[i] = label;
  }
  return { x: { data, shape: [y.length, 2] }, y };
}

/** The middle of each place of the background. */
const places = {
  data: Float32Array.from({ length: 2 * GRID * GRID }, (_, k) => {
    const place = k >> 1;
    return (2 * (k % 2 ? Math.floor(place / GRID) : place % GRID) + 1) / GRID - 1;
  }),
  shape: [GRID * GRID, 2],
};

const canvas = find<HTMLCanvasElement>('canvas');
const pen = canvas.getContext('2d')!;
const background = new OffscreenCanvas(GRID, GRID);
/** Of each class at each place of the background, as they are drawn. */
let drawn: ArrayLike<number> = [];
/** The place of the background that was last pointed at. */
let pointed: number | undefined;

canvas.onpointermove = canvas.onpointerdown = ({ offsetX, offsetY }) => {
  const at = (offset: number, size: number) => Math.min(Math.max(Math.floor((GRID * offset) / size), 0), GRID - 1);
  pointed = at(offsetX, canvas.clientWidth) + GRID * at(offsetY, canvas.clientHeight);
  tell();
};

/** Says what the network says of the place. */
function tell() {
  if (pointed === undefined) return;
  const parts = COLOURS.map(({ name }, label) => `${name} ${percent(drawn[CLASSES * pointed! + label])}`);
  find('#place').textContent = `The network says of this place: ${parts.join(', ')}.`;
}

/** @param probabilities of each class at each place */
function draw({ x, y }: ReturnType<typeof spirals>, probabilities: ArrayLike<number>) {
  drawn = probabilities;
  tell();
  const pixels = new ImageData(GRID, GRID);
  for (let k = 0; k < GRID * GRID; k++) {
    for (let channel = 0; channel < 3; channel++) {
      const mixed = COLOURS.map(({ rgb }, label) => rgb[channel]! * probabilities[CLASSES * k + label]!);
      pixels.data[4 * k + channel] = mixed.reduce((sum, part) => sum + part);
    }
    pixels.data[4 * k + 3] = 110;
  }
  background.getContext('2d')!.putImageData(pixels, 0, 0);
  pen.fillStyle = 'white';
  pen.fillRect(0, 0, canvas.width, canvas.height);
  pen.drawImage(background, 0, 0, canvas.width, canvas.height);
  y.forEach((label, i) => {
    pen.fillStyle = `rgb(${COLOURS[label]!.rgb})`;
    pen.beginPath();
    pen.arc(((x.data[2 * i]! + 1) / 2) * canvas.width, ((x.data[2 * i + 1]! + 1) / 2) * canvas.height, 4, 0, 7);
    pen.fill();
  });
}

const device = await requestDevice();

/** Trains from the beginning, until the end or until the signal. */
async function train(turns: number, signal: AbortSignal) {
  const points = spirals(turns);
  draw(points, new Float32Array(CLASSES * GRID * GRID).fill(1 / CLASSES));
  const model = sequential([
    layers.dense({ inputShape: [2], units: 48, activation: 'relu', kernelInitializer: 'heUniform' }),
    layers.dense({ units: 48, activation: 'relu', kernelInitializer: 'heUniform' }),
    layers.dense({ units: CLASSES }),
  ]);
  await model.compile({
    device,
    optimizer: adam({ learningRate: 0.01 }),
    loss: 'sparseCategoricalCrossentropy',
    metrics: ['accuracy'],
    seed: Math.floor(1e6 * Math.random()),
    onProgress: (done, all) => say(`compiling kernels: ${done} of ${all}`),
  });
  try {
    await model.fit(points, {
      epochs: EPOCHS,
      signal,
      callbacks: {
        async onEpochEnd(epoch, { accuracy }) {
          const { data } = await model.predict(places, { batchSize: GRID * GRID, as: 'probabilities' });
          draw(points, data);
          say(`epoch ${epoch + 1} of ${EPOCHS}: ${percent(accuracy)} of the points are right`);
        },
      },
    });
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    model.dispose();
  }
}

let run = new AbortController();
let ended = Promise.resolve();
function start() {
  run.abort();
  run = new AbortController();
  const { signal } = run;
  ended = ended.then(() => train(find<HTMLInputElement>('#turns').valueAsNumber, signal));
}
find('#again').onclick = start;
find('#turns').onchange = start;
start();
