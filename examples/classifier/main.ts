import { layers, sequential } from 'neurite';

const find = <T extends HTMLElement>(selector: string) => document.querySelector<T>(selector)!;
const [canvas, video] = [find<HTMLCanvasElement>('canvas'), document.createElement('video')];
const say = (text: string) => find('#status').replaceChildren(text);
window.onerror = (message) => say(String(message)); // without WebGPU, which browsers have it
window.onunhandledrejection = ({ reason }) => say(reason.message);
const pen = Object.assign(canvas.getContext('2d')!, { strokeStyle: 'white', lineWidth: 4, lineCap: 'round' as const });
canvas.onpointerdown = () => pen.beginPath();
canvas.onpointermove = ({ buttons, offsetX, offsetY }) => {
  if (buttons) pen.lineTo((64 * offsetX) / canvas.clientWidth, (64 * offsetY) / canvas.clientHeight);
  if (buttons) pen.stroke();
};

const model = sequential([
  layers.rescaling({ inputShape: [64, 64, 3], scale: 1 / 255 }),
  layers.conv2d({ filters: 8, kernelSize: 5, strides: 2, activation: 'relu' }),
  layers.conv2d({ filters: 16, kernelSize: 5, strides: 2, activation: 'relu' }),
  layers.flatten(),
  layers.dense({ units: 3 }),
]);
const onProgress = (done: number, all: number) => say(`compiling kernels: ${done} of ${all}`);
await model.compile({ loss: 'sparseCategoricalCrossentropy', metrics: 'accuracy', onProgress });
const drawn = { x: [] as ImageBitmap[], y: [] as number[] }; // pictures, and the numbers of their classes
let [pictures, seen] = [drawn, structuredClone(drawn)]; // those of the camera are kept apart
async function add(label: number, { x, y } = pictures) {
  x.push(await createImageBitmap(canvas));
  say(`${y.push(label)} pictures: train when there are some of each class`);
}
const onEpochEnd = (i: number, { accuracy = 0 }) => say(`epoch ${i + 1}: ${Math.round(100 * accuracy)} % right`);
const train = () => model.fit(pictures, { epochs: 10, batchSize: 8, callbacks: { onEpochEnd } });

for (let i = 0; i < 120; await add(i++ % 3)) {
  const [corners, radius, start] = [[30, 3, 2][i % 3]!, 10 + 12 * Math.random(), 6 * Math.random()];
  const [left, top] = [24 + 16 * Math.random(), 24 + 16 * Math.random()];
  pen.fillRect(0, 0, 64, 64); // in black
  pen.beginPath();
  for (let angle = start; angle < start + 6.3; angle += (2 * Math.PI) / corners)
    pen.lineTo(left + radius * Math.cos(angle), top + radius * Math.sin(angle));
  pen.stroke();
}
for (const [i, button] of document.querySelectorAll<HTMLElement>('p button').entries()) button.onclick = () => add(i);
find('#clear').onclick = () => pen.fillRect(0, 0, 64, 64);
find('#camera').onclick = async () => {
  const camera = video.srcObject ? null : await navigator.mediaDevices.getUserMedia({ video: true });
  for (const track of (video.srcObject as MediaStream | null)?.getTracks() ?? []) track.stop();
  Object.assign(video, { srcObject: camera, autoplay: true });
  [pictures, find('#camera').textContent] = camera ? [seen, 'Draw'] : [drawn, 'Camera'];
  find('#clear').click();
};
void train().then(() => Object.assign(find('#train'), { onclick: train, disabled: false }));
for (const bars = document.querySelectorAll('progress'); ; await new Promise(requestAnimationFrame)) {
  if (video.srcObject) pen.drawImage(video, -11, 0, 86, 64); // the middle of it
  for (const { index, probability } of (await model.classify(canvas))[0]!) bars[index]!.value = probability;
}
