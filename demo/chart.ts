import uPlot from 'uplot';
import type { Point } from './messages.ts';
import 'uplot/dist/uPlot.min.css';

const HEIGHT = 260;

/** A live curve of loss or accuracy over epochs: each batch, and validation. */
export class Chart {
  readonly #what: 'loss' | 'accuracy';
  readonly #plot: uPlot;
  #training: Point[] = [];
  #validation: Point[] = [];
  #waiting = false;

  constructor(target: HTMLElement, what: 'loss' | 'accuracy') {
    this.#what = what;
    // Colours are asked for at each drawing, so that they follow the scheme of the page.
    const color = (name: string) => () => getComputedStyle(target).getPropertyValue(name);
    const axis = { stroke: color('--text'), grid: { stroke: color('--line') }, ticks: { stroke: color('--line') } };
    const line = (label: string, name: string, points: boolean): uPlot.Series => ({
      label,
      stroke: color(name),
      width: points ? 2 : 1.5,
      spanGaps: true,
      points: { show: points, size: 7, fill: color(name) },
    });
    this.#plot = new uPlot(
      {
        width: target.clientWidth,
        height: HEIGHT,
        cursor: { show: false },
        legend: { live: false },
        scales: {
          x: { time: false, range: (_, __, max) => [0, Math.max(1, Math.ceil(max ?? 1))] },
          y: { range: (_, __, max) => [0, what === 'loss' ? (max > 0 ? max * 1.05 : 1) : 1.01] },
        },
        axes: [
          { ...axis, label: 'epoch', incrs: [0.25, 0.5, 1, 2, 5, 10, 20, 50] },
          { ...axis, label: what === 'loss' ? 'cross-entropy' : 'share of images right' },
        ],
        series: [{}, line('training, each batch', '--training', false), line('validation', '--validation', true)],
      },
      [[], [], []],
      target,
    );
    new ResizeObserver(() => this.#plot.setSize({ width: target.clientWidth, height: HEIGHT })).observe(target);
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => this.#plot.redraw());
  }

  clear(): void {
    this.#training = [];
    this.#validation = [];
    this.#draw();
  }

  addTraining(points: readonly Point[]): void {
    this.#training.push(...points);
    this.#draw();
  }

  addValidation(point: Point): void {
    this.#validation.push(point);
    this.#draw();
  }

  /** At the next frame, once for everything that has come until then. */
  #draw(): void {
    if (this.#waiting) return;
    this.#waiting = true;
    requestAnimationFrame(() => {
      this.#waiting = false;
      // Validation comes at the ends of epochs, where a batch ends as well: both share the batches' places.
      const validation = new Map(this.#validation.map((point) => [point.x, point[this.#what]]));
      this.#plot.setData([
        this.#training.map(({ x }) => x),
        this.#training.map((point) => point[this.#what]),
        this.#training.map(({ x }) => validation.get(x) ?? null),
      ]);
    });
  }
}
