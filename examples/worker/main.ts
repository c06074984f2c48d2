/** The page: it makes the points, draws what the worker tells, and loads the model that it gets. */
import { loadModel, type Model } from 'neurite';
import { find, percent, say, showErrors } from '../shared/page.ts';
import { EPOCHS, GRID, type News, type Order } from './protocol.ts';

showErrors();
const worker = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' });
worker.onerror = () => {
  throw new Error('The worker could not be loaded.');
};
const order = (order: Order) => worker.postMessage(order);
const canvas = find<HTMLCanvasElement>('canvas');
const pen = canvas.getContext('2d')!;
const background = new OffscreenCanvas(GRID, GRID);
let points = ring();
let model: Model | undefined;

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

worker.onmessage = async ({ data: news }: MessageEvent<News>) => {
  if (news.type === 'failed') throw new Error(news.message);
  if (news.type === 'compiled') say(`compiling kernels: ${news.done} of ${news.all}`);
  if (news.type === 'epoch') {
    say(`epoch ${news.epoch + 1} of ${EPOCHS}: ${percent(news.accuracy)} of the points are right`);
    draw(news.map);
  }
  if (news.type === 'ended') {
    model?.dispose();
    model = await loadModel(news.file);
    say(`${find('#status').textContent}, ${news.stopped ? 'stopped' : 'done'}`);
  }
};

function start() {
  points = ring();
  draw(new Float32Array(GRID * GRID));
  order({ type: 'train', ...points });
}
find('#start').onclick = start;
find('#stop').onclick = () => order({ type: 'stop' });
start();

canvas.onpointermove = async ({ offsetX, offsetY }) => {
  if (!model) return;
  const place = [(2 * offsetX) / canvas.clientWidth - 1, (2 * offsetY) / canvas.clientHeight - 1];
  const [best] = (await model.classify([place]))[0]!;
  find('#place').textContent = `This place is ${best!.label}, says the model: ${percent(best!.probability)}.`;
};

const began = performance.now();
function roll(now: number) {
  find('#ball').style.transform = `translateX(${6 + 6 * Math.sin((now - began) / 500)}rem)`;
  requestAnimationFrame(roll);
}
requestAnimationFrame(roll);
