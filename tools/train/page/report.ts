/** Draws the picture of a finished run; Node takes the screenshot. */
import type { TrainingRun } from '../folder.ts';
import { CLASS_NAMES, type Kernels, type Sample, type TrainResult } from '../protocol.ts';
import {
  clock,
  describeImages,
  describeRecovered,
  describeRuntime,
  describeSource,
  fixed,
  listSegments,
} from '../text.ts';
import { drawCurve } from './curves.ts';
import { brainPicture, diverging, picture } from './pictures.ts';

/** A run as JSON. */
export type ReportData = Omit<TrainingRun, 'started'> & { readonly started: string };

declare global {
  interface Window {
    drawReport(data: ReportData): Promise<void>;
  }
}

const WIDTH = 1136;
const MOST_KERNELS = 64;

window.drawReport = async (data) => {
  const { result } = data;
  document.body.replaceChildren(
    ...header(data),
    numbers(data),
    curves(result),
    element('section', { className: 'columns' }, kernels(result.kernels), scores(data)),
    ...samples(data),
  );
  // The picture is taken once charts and canvases have been painted.
  await document.fonts.ready;
  await new Promise((painted) => requestAnimationFrame(() => requestAnimationFrame(painted)));
};

function element<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  properties: Partial<Pick<HTMLElement, 'className' | 'textContent'>>,
  ...children: (Node | string)[]
): HTMLElementTagNameMap[K] {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children);
  return made;
}

const text = (tag: 'h1' | 'h2' | 'p' | 'b' | 'span' | 'th' | 'td', textContent: string, className = '') =>
  element(tag, { textContent, className });

function header({ options, result, versions, started }: ReportData): HTMLElement[] {
  const {
    model,
    segments,
    images,
    testSegments,
    testImages,
    epochs,
    batchSize,
    optimizer,
    learningRate,
    schedule,
    seed,
  } = options;
  const test = testSegments.length > 0 ? describeImages(options, testSegments, testImages) : 'none';
  const count = `${epochs} epoch${epochs === 1 ? '' : 's'}`;
  return [
    text('h1', `${model}: real or fake brain images?`),
    text('p', `Trained on ${describeImages(options, segments, images)}. Tested on ${test}.`),
    text(
      'p',
      `${count}, batches of ${batchSize}, ${optimizer}, ${schedule} learning rate ${learningRate}, seed ${seed}.`,
    ),
    text(
      'p',
      `${result.adapter.description}. neurite ${versions.neurite}, ${describeRuntime(versions)}, ${started.slice(0, 10)}.`,
    ),
  ];
}

function numbers({ result }: ReportData): HTMLElement {
  const { test, recovered, history, parameters, seconds, source } = result;
  const last = history.at(-1)!;
  const rates = history.map(({ imagesPerSecond }) => imagesPerSecond);
  const cells: [string, string][] = [
    [test ? fixed(test.accuracy) : '-', `test accuracy, ${source}`],
    [fixed(last.valAccuracy), `validation accuracy, ${source}`],
    [recovered ? fixed(recovered.accuracy) : '-', `accuracy on the course's ${recovered?.images ?? 18} pictures`],
    [parameters.toLocaleString('en'), 'parameters'],
    [`${(rates.reduce((a, b) => a + b, 0) / rates.length).toFixed(0)} images/s`, 'while training'],
    [clock(seconds.fit!), 'training and validation'],
  ];
  const boxes = cells.map(([value, name]) => element('div', {}, text('b', value), text('span', name)));
  return element('div', { className: 'numbers' }, ...boxes);
}

function curves(result: TrainResult): HTMLElement {
  const section = element('section', { className: 'columns' });
  for (const what of ['loss', 'accuracy'] as const) {
    const half = element('div', {}, text('h2', what === 'loss' ? 'Loss' : 'Accuracy'));
    section.append(half);
    drawCurve(half, result, what, (WIDTH - 32) / 2);
  }
  return section;
}

/** The filters of the first convolution; all of them on one scale. */
function kernels(weights: Kernels | undefined): HTMLElement {
  if (!weights) return element('div', {}, text('h2', 'Learned kernels'), text('p', 'The model has no convolution.'));
  const [height, width, channels, filters] = weights.shape as [number, number, number, number];
  const shown = Math.min(filters, MOST_KERNELS);
  const planes = channels <= 4 ? channels : 1;
  const most = weights.data.reduce((max, w) => Math.max(max, Math.abs(w)), 0) || 1;
  const across = planes === 1 ? 8 : 4;
  const scale = Math.min(14, Math.max(2, Math.floor(((WIDTH - 32) / 2 / across - 10) / (planes * width))));
  const grid = element('div', { className: 'kernels' });
  grid.style.setProperty('--across', String(across));
  for (let filter = 0; filter < shown; filter++) {
    const group = element('div', { className: 'kernel' });
    for (let channel = 0; channel < planes; channel++) {
      const at = (x: number, y: number) => weights.data[((y * width + x) * channels + channel) * filters + filter]!;
      group.append(picture(width, height, (x, y) => diverging(at(x, y) / most), scale));
    }
    grid.append(group);
  }
  const order = planes === 3 ? ', red, green and blue side by side' : planes < channels ? ', first input channel' : '';
  const note = `${weights.name}: ${shown} of ${filters} filters of ${height} x ${width}${order}`;
  const bar = picture(121, 12, (x) => diverging(x / 60 - 1), 1);
  const legend = element('div', { className: 'scale' }, `-${most.toFixed(3)}`, bar, `+${most.toFixed(3)}; white is 0`);
  return element('div', {}, text('h2', 'Learned kernels of the first convolution'), text('p', note), grid, legend);
}

function scores({ options, result }: ReportData): HTMLElement {
  const { test, recovered } = result;
  const box = element('div', {}, text('h2', 'Test'));
  if (test) {
    box.append(text('p', `${describeSource(options)}, segments ${listSegments(options.testSegments)}`));
    const head = element('tr', {}, ...['segment', 'images', 'loss', 'accuracy'].map((name) => text('th', name)));
    const named = [...test.segments.map((score) => ({ ...score, name: `${score.segment}` })), { ...test, name: 'all' }];
    const rows = named.map(({ name, images, loss, accuracy }) =>
      element('tr', {}, ...[name, `${images}`, fixed(loss), fixed(accuracy)].map((cell) => text('td', cell))),
    );
    box.append(element('table', { className: 'score' }, head, ...rows));
    const corner = element('tr', {}, text('th', ''), ...CLASS_NAMES.map((name) => text('th', `predicted ${name}`)));
    const lines = test.confusion.map((counts, truth) => {
      const cells = counts.map((n, predicted) => text('td', `${n}`, predicted === truth ? 'right' : 'wrong'));
      return element('tr', {}, text('th', `truly ${CLASS_NAMES[truth]}`), ...cells);
    });
    box.append(element('table', { className: 'score' }, corner, ...lines));
  } else box.append(text('p', 'There are no files of the test segments.'));
  box.append(text('p', `${describeRecovered(recovered)}.`));
  return box;
}

function samples({ options, result }: ReportData): HTMLElement[] {
  const { test, samples, mistakes } = result;
  if (!test) return [];
  const wrong = test.confusion[0][1] + test.confusion[1][0];
  const source = describeSource(options);
  const part = (title: string, note: string, shown: readonly Sample[]) =>
    element('section', {}, text('h2', title), text('p', note), grid(shown));
  const parts = [
    part('Sample predictions', `Test images at equal distances in each segment; ${source}, colormap rainbow.`, samples),
  ];
  if (mistakes.length > 0) {
    const note = `The most confident of ${wrong} mistakes among ${test.images} test images; ${source}.`;
    parts.push(part('Mistakes', note, mistakes));
  }
  return parts;
}

function grid(shown: readonly Sample[]): HTMLElement {
  const figures = shown.map(({ segment, truth, prediction, probability, pixels }) => {
    const wrong = truth !== prediction;
    const says = `${wrong ? 'WRONG:' : 'predicted'} ${CLASS_NAMES[prediction]}, p = ${fixed(probability, 3)}`;
    const caption = element('figcaption', {}, `segment ${segment}, truly ${CLASS_NAMES[truth]}`, element('br', {}));
    caption.append(text(wrong ? 'b' : 'span', says));
    return element('figure', { className: wrong ? 'wrong' : '' }, brainPicture(pixels), caption);
  });
  return element('div', { className: 'samples' }, ...figures);
}
