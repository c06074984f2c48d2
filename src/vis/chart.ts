/** Charts drawn by uPlot, which `lineChart` loads and passes. */
import type uPlot from 'uplot';
import { check } from '../options.ts';
import { create } from './dom.ts';
import { formatTick } from './format.ts';
import type { Chart, ChartLine, ChartOptions } from './lineChart.ts';
import { adoptStyles } from './styles.ts';

const HEIGHT = 260;

/** Steps between ticks of y, up to the largest loss that float32 holds: the library's own end before. */
const STEPS = Array.from({ length: 132 }, (_, i) => Number(`${[1, 2, 5][i % 3]}e${Math.floor(i / 3) - 5}`));

export class UplotChart implements Chart {
  readonly #element: HTMLElement;
  readonly #options: ChartOptions;
  readonly #library: typeof uPlot;
  /** Elements with the chart's colours: a canvas takes no custom properties, but what the page has made of them. */
  readonly #probes = new Map<string, HTMLElement>();
  readonly #resized: ResizeObserver;
  #plot: uPlot | undefined;
  /** Colours and styles of the lines: other ones need another plot. */
  #series = '';

  constructor(element: HTMLElement, options: ChartOptions, library: typeof uPlot) {
    this.#element = element;
    this.#options = options;
    this.#library = library;
    adoptStyles(element);
    element.classList.add('neurite-vis');
    element.addEventListener('transitionend', this.#recolored);
    this.#resized = new ResizeObserver(() => {
      if (element.clientWidth > 0) this.#plot?.setSize({ width: element.clientWidth, height: this.#height });
    });
    this.#resized.observe(element);
  }

  draw(lines: readonly ChartLine[]): void {
    check('lineChart', 'lines', lines, 'list');
    const series = lines.map(({ color, style }) => `${color} ${style}`).join();
    const data: uPlot.AlignedData =
      lines.length > 0 ? this.#library.join(lines.map(({ x, y }): uPlot.AlignedData => [[...x], [...y]])) : [[]];
    if (this.#plot && series === this.#series) {
      this.#plot.setData(data);
      return;
    }
    this.#plot?.destroy();
    this.#plot = new this.#library(this.#optionsOf(lines), data, this.#element);
    this.#series = series;
  }

  remove(): void {
    this.#resized.disconnect();
    this.#element.removeEventListener('transitionend', this.#recolored);
    this.#plot?.destroy();
    this.#plot = undefined;
    for (const probe of this.#probes.values()) probe.remove();
  }

  get #height(): number {
    return this.#options.height ?? HEIGHT;
  }

  #recolored = (event: Event) => {
    if ((event.target as Element).classList.contains('probe')) this.#plot?.redraw();
  };

  /** Colours are asked for at each drawing, so that they follow the theme. A change of the probe's colour asks for a drawing. */
  #color(property: string): () => string {
    let probe = this.#probes.get(property);
    if (!probe) {
      probe = create('span', { class: 'probe', 'aria-hidden': 'true' });
      probe.style.color = `var(${property})`;
      probe.style.setProperty('transition', 'color 1ms', 'important');
      this.#probes.set(property, probe);
      this.#element.append(probe);
    }
    const found = probe;
    return () => getComputedStyle(found).color;
  }

  #optionsOf(lines: readonly ChartLine[]): uPlot.Options {
    const { label, share = false, colors = { text: '--nv-quiet', grid: '--nv-line' } } = this.#options;
    const axis = {
      stroke: this.#color(colors.text),
      grid: { stroke: this.#color(colors.grid), width: 1 },
      ticks: { show: false },
      gap: 6,
      values: (_: uPlot, splits: number[]) => splits.map(formatTick),
    };
    const series = lines.map(({ color, style }): uPlot.Series => {
      const stroke = this.#color(color);
      const base = { stroke, spanGaps: true, points: { show: false } };
      if (style === 'faint') return { ...base, width: 1, alpha: 0.3 };
      if (style === 'line') return { ...base, width: 1.75 };
      return { ...base, width: 2, dash: [6, 4], points: { show: true, size: 7, fill: stroke } };
    });
    return {
      width: this.#element.clientWidth,
      height: this.#height,
      cursor: { show: false },
      legend: { show: false },
      scales: {
        x: { time: false, range: (_, __, max) => [0, Math.max(1, Math.ceil((max ?? 1) - 1e-6))] },
        y: { range: (_, __, max) => [0, share ? 1.02 : Math.max(0.1, (max ?? 1) * 1.05)] },
      },
      axes: [
        { ...axis, size: 28, label: 'epoch', labelSize: 18, incrs: [0.25, 0.5, 1, 2, 5, 10, 20, 50, 100, 200] },
        { ...axis, size: 56, incrs: STEPS, ...(label ? { label, labelSize: 20 } : {}) },
      ],
      series: [{}, ...series],
    };
  }
}
