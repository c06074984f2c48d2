/** Curves of loss and metrics over epochs: of a history, or live as a callback of `fit`. */
import { ArgumentError } from '../errors.ts';
import type { BatchLogs, Callback, Logs, Training } from '../nn/train/callbacks.ts';
import { came, checkOptions, type Kind } from '../options.ts';
import { elementOf, type Place } from './arguments.ts';
import { drawable, placesOf, SMOOTHING, smoothedCurve } from './curveData.ts';
import { create, scrollBox } from './dom.ts';
import type { Drawing } from './drawing.ts';
import { formatNumber, formatPercent } from './format.ts';
import { type Chart, type ChartLine, lineChart } from './lineChart.ts';
import { adoptStyles, curveColor } from './styles.ts';

export interface CurveOptions {
  /** Which loss and metrics are drawn, each in a chart of its own. Default: all. */
  readonly metrics?: readonly string[];
  /** Height of a chart in pixels. Default 260. */
  readonly height?: number;
}

const CURVE_OPTIONS = { metrics: 'list', height: 'count' } as const satisfies Record<keyof CurveOptions, Kind>;

/** Drawn no more often than this. */
const REDRAW_MS = 100;
/** Points of steps that are kept. Of more, every second one is left out. */
const MOST_STEPS = 8192;

/** The name of training for a name of validation: `valLoss` is `loss`. */
const trainingName = (name: string) => name.replace(/^val([A-Z])/, (_, first: string) => first.toLowerCase());
const validationName = (name: string) => `val${name[0]!.toUpperCase()}${name.slice(1)}`;
/** `meanSquaredError` in words. */
const inWords = (name: string) => name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
const isShare = (name: string) => /accuracy$/i.test(name);
const written = (name: string, value: number) => (isShare(name) ? formatPercent(value) : formatNumber(value));

/** Loss and metrics of an epoch, and its number, counted from 1. */
interface Epoch {
  readonly x: number;
  readonly logs: Logs;
}

/** A chart of one metric, and the text that says the same. */
interface Panel {
  readonly name: string;
  readonly figure: HTMLElement;
  readonly place: HTMLElement;
  chart?: Chart;
}

/** Values of each epoch, by name, as the `History` that `fit` returns has them; `epoch` are the numbers of the epochs. */
export type CurveValues = Readonly<Record<string, readonly number[] | undefined>>;

/** Steps: of each the epoch, its number in it from 1, and its values. */
interface Steps {
  readonly epochs: number[];
  readonly batches: number[];
  readonly values: Record<string, number[]>;
}

/** Curves of a training. It is a callback: `fit(data, { callbacks: curves })` draws them live. */
export class TrainingCurves implements Drawing, Callback {
  /** Resolves when the first chart is drawn, and rejects if its library cannot be loaded. The numbers need no library. */
  readonly ready: Promise<void>;
  readonly #options: CurveOptions;
  readonly #root = create('div', { class: 'neurite-vis training-curves' });
  readonly #charts = create('div');
  readonly #numbers = create('details', {}, create('summary', {}, 'Numbers of each epoch'));
  /** What the legend says of the line of training. */
  readonly #training = document.createTextNode('');
  readonly #panels: Panel[] = [];
  #steps: Steps = { epochs: [], batches: [], values: {} };
  /** Undefined until it is known: then the steps so far fill their epoch. */
  #stepsPerEpoch: number | undefined;
  #epochs: Epoch[] = [];
  #epoch = 0;
  #removed = false;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #drawn = Number.NEGATIVE_INFINITY;
  #loaded: (() => void) | undefined;
  #failed: ((error: unknown) => void) | undefined;

  constructor(element: HTMLElement, history: CurveValues | undefined, options: CurveOptions) {
    checkOptions('trainingCurves', options, CURVE_OPTIONS);
    this.#options = options;
    this.ready = new Promise((loaded, failed) => {
      this.#loaded = loaded;
      this.#failed = failed;
    });
    this.ready.catch(() => {}); // who does not wait for it sees the message in the chart's place
    adoptStyles(element);
    const color = create('span', { class: 'swatch', 'aria-hidden': 'true' });
    color.style.color = `var(${curveColor(0)})`;
    const dashed = create('span', { class: 'swatch dashed', 'aria-hidden': 'true' });
    dashed.style.color = `var(${curveColor(1)})`;
    const legend = create(
      'p',
      { class: 'legend' },
      create('span', {}, color, this.#training),
      create('span', {}, dashed, 'validation'),
    );
    this.#root.append(this.#charts, legend, this.#numbers);
    element.append(this.#root);
    if (history) this.update(history);
    else this.#draw();
  }

  /** Draws another history in place of what was drawn. */
  update(history: CurveValues): void {
    const { epoch, ...values } = history ?? {};
    if (!Array.isArray(epoch)) {
      throw new ArgumentError(
        `trainingCurves: a history is what fit returns, with the lists epoch, loss, …, ${came(history)}`,
      );
    }
    this.#steps = { epochs: [], batches: [], values: {} };
    this.#epochs = epoch.map((number, i) => ({
      x: number + 1,
      logs: Object.fromEntries(
        Object.entries(values).flatMap(([name, list = []]) => (list.length > i ? [[name, list[i]!]] : [])),
      ),
    }));
    this.#draw();
  }

  remove(): void {
    this.#removed = true;
    clearTimeout(this.#timer);
    for (const { chart } of this.#panels) chart?.remove();
    this.#root.remove();
  }

  onTrainBegin({ initialEpoch }: Training): void {
    if (initialEpoch === 0) this.#epochs = [];
    this.#steps = { epochs: [], batches: [], values: {} };
    this.#epoch = initialEpoch;
  }

  onEpochBegin(epoch: number): void {
    this.#epoch = epoch;
  }

  onBatchLogs(batch: number, { size, ...logs }: BatchLogs, { stepsPerEpoch }: Training): void {
    this.#stepsPerEpoch = stepsPerEpoch;
    const { epochs, batches, values } = this.#steps;
    for (const [name, value] of Object.entries(logs)) {
      values[name] ??= Array<number>(epochs.length).fill(Number.NaN);
      values[name].push(value);
    }
    epochs.push(this.#epoch);
    batches.push(batch + 1);
    if (epochs.length >= MOST_STEPS) {
      const half = (list: number[]) => list.filter((_, i) => i % 2 === 1);
      this.#steps = {
        epochs: half(epochs),
        batches: half(batches),
        values: Object.fromEntries(Object.entries(values).map(([name, list]) => [name, half(list)])),
      };
    }
    this.#drawSoon();
  }

  onEpochEnd(epoch: number, logs: Logs): void {
    if (Object.keys(logs).length > 0) this.#epochs = [...this.#epochs, { x: epoch + 1, logs }];
    this.#drawSoon();
  }

  #drawSoon(): void {
    if (this.#removed) return;
    this.#timer ??= setTimeout(
      () => {
        this.#timer = undefined;
        this.#draw();
      },
      Math.max(0, this.#drawn + REDRAW_MS - performance.now()),
    );
  }

  #draw(): void {
    if (this.#removed) return;
    this.#drawn = performance.now();
    this.#training.data = this.#steps.epochs.length > 0 ? `training, smoothed over ${SMOOTHING} steps` : 'training';
    for (const name of this.#names()) {
      const panel = this.#panels.find((known) => known.name === name) ?? this.#add(name);
      panel.place.setAttribute('aria-label', this.#textOf(name));
      panel.chart?.draw(this.#linesOf(name));
    }
    this.#drawNumbers();
  }

  /** Names of training's logs that have a number. */
  #names(): string[] {
    const found = new Set(['loss', ...Object.keys(this.#steps.values)]);
    for (const { logs } of this.#epochs) {
      for (const [name, value] of Object.entries(logs)) if (!Number.isNaN(value)) found.add(trainingName(name));
    }
    return this.#options.metrics ? [...this.#options.metrics] : [...found];
  }

  #add(name: string): Panel {
    const place = create('div', { class: 'chart', role: 'img' });
    const { height = 260 } = this.#options;
    place.style.height = `${height}px`;
    const figure = create('figure', {}, create('figcaption', {}, inWords(name)), place);
    const panel: Panel = { name, figure, place };
    this.#panels.push(panel);
    this.#charts.append(figure);
    lineChart(place, { share: isShare(name), height })
      .then((chart) => {
        if (this.#removed) return chart.remove();
        panel.chart = chart;
        chart.draw(this.#linesOf(name));
        this.#loaded!();
      })
      .catch((error) => {
        place.textContent = `The chart could not be drawn: ${(error as Error).message}`;
        this.#failed!(error);
      });
    return panel;
  }

  #linesOf(name: string): ChartLine[] {
    const steps = this.#steps.values[name];
    const lines: ChartLine[] = [];
    if (steps) {
      const { epochs, batches } = this.#steps;
      const { x, smoothed, raw } = smoothedCurve(placesOf(epochs, batches, this.#stepsPerEpoch), steps);
      lines.push(
        { x, y: raw, color: curveColor(0), style: 'faint' },
        { x, y: smoothed, color: curveColor(0), style: 'line' },
      );
    } else lines.push(this.#overEpochs(name, curveColor(0), 'line'));
    return [...lines, this.#overEpochs(validationName(name), curveColor(1), 'dashed')];
  }

  #overEpochs(name: string, color: string, style: ChartLine['style']): ChartLine {
    const known = this.#epochs.filter(({ logs }) => name in logs);
    return { x: known.map(({ x }) => x), y: known.map(({ logs }) => drawable(logs[name])), color, style };
  }

  #textOf(name: string): string {
    const last = this.#epochs.at(-1)?.logs;
    const steps = this.#steps.values[name]?.at(-1);
    const said = [
      last?.[name] !== undefined && `training ${written(name, last[name])}`,
      last?.[validationName(name)] !== undefined && `validation ${written(name, last[validationName(name)]!)}`,
    ].filter(Boolean);
    const now = said.length > 0 ? `; after epoch ${this.#epochs.at(-1)!.x}: ${said.join(', ')}` : '';
    return `Curves of ${inWords(name)} over epochs${now || (steps !== undefined ? `; last step: ${written(name, steps)}` : '')}`;
  }

  /** What the curves show, as numbers. */
  #drawNumbers(): void {
    const names = this.#names().flatMap((name) => [name, validationName(name)]);
    const shown = names.filter((name) => this.#epochs.some(({ logs }) => !Number.isNaN(logs[name] ?? Number.NaN)));
    const cell = (text: string) => create('td', {}, text);
    const table = create(
      'table',
      {},
      create(
        'thead',
        {},
        create('tr', {}, ...['epoch', ...shown.map(inWords)].map((text) => create('th', { scope: 'col' }, text))),
      ),
      create(
        'tbody',
        {},
        ...this.#epochs.map(({ x, logs }) =>
          create('tr', {}, cell(String(x)), ...shown.map((name) => cell(written(name, logs[name] ?? Number.NaN)))),
        ),
      ),
    );
    this.#numbers.hidden = this.#epochs.length === 0;
    this.#numbers.replaceChildren(this.#numbers.firstElementChild!, scrollBox('Numbers of each epoch', table));
  }
}

/**
 * Draws curves of loss and metrics over epochs, training and validation in one chart. It is a callback of `fit` as well, which
 * draws each step as it comes: `await model.fit(data, { callbacks: trainingCurves(element) })`. No step waits for it.
 * @param place the element to draw into, or its selector
 * @param history what `fit` has returned; leave it out to draw a training live
 * @throws ArgumentError for a place, a history or options that do not fit; StateError without a page
 */
export function trainingCurves(place: Place, history?: CurveValues, options: CurveOptions = {}): TrainingCurves {
  return new TrainingCurves(elementOf('trainingCurves', place), history, options);
}
