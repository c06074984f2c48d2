/** Lines over epochs. The library that draws them, uPlot, is larger than all else here, and comes with the first chart. */
import { checkOptions, type Kind } from '../options.ts';
import { elementOf, type Place } from './arguments.ts';
import { UplotChart } from './chart.ts';
import type { Drawing } from './drawing.ts';

/** A line of a chart. */
export interface ChartLine {
  readonly x: readonly number[];
  /** null leaves a gap. */
  readonly y: readonly (number | null)[];
  /** Custom property with its colour, as `--red`. */
  readonly color: string;
  /** `faint` for a line behind another one; `dashed` has a dot at each point. */
  readonly style: 'line' | 'faint' | 'dashed';
}

/** A chart of lines over epochs. */
export interface Chart extends Drawing {
  /** Draws these lines in place of those before. */
  draw(lines: readonly ChartLine[]): void;
}

export interface ChartOptions {
  /** What the numbers are; it stands beside the axis. Default: nothing does. */
  readonly label?: string;
  /** The numbers are shares: the axis ends at 1. */
  readonly share?: boolean;
  /** In pixels. Default 260. */
  readonly height?: number;
  /** Custom properties with the colours of the axes' text and of the grid. */
  readonly colors?: { readonly text: string; readonly grid: string };
}

const CHART_OPTIONS = {
  label: 'text',
  share: 'boolean',
  height: 'positive',
  colors: 'record',
} as const satisfies Record<keyof ChartOptions, Kind>;

function isKnown(language: string): boolean {
  try {
    return Intl.NumberFormat.supportedLocalesOf(language) !== undefined;
  } catch {
    return false;
  }
}

/**
 * A browser that was started in the POSIX locale names a language that Intl refuses, "en-US@posix", and uPlot asks Intl for it
 * when it is loaded: there the language is English meanwhile.
 */
async function withKnownLanguage<T>(load: () => Promise<T>): Promise<T> {
  if (isKnown(navigator.language)) return load();
  Object.defineProperty(navigator, 'language', { value: 'en-US', configurable: true });
  try {
    return await load();
  } finally {
    Reflect.deleteProperty(navigator, 'language'); // what the browser says is seen again
  }
}

/**
 * Makes a chart within an element, as wide as it is. It follows the element's width and the page's colours.
 * @param place the element to draw into, or its selector
 * @throws ArgumentError for a place or options that do not fit; StateError without a page
 */
export async function lineChart(place: Place, options: ChartOptions = {}): Promise<Chart> {
  const element = elementOf('lineChart', place);
  checkOptions('lineChart', options, CHART_OPTIONS);
  const { default: library } = await withKnownLanguage(() => import('./uplot.ts'));
  return new UplotChart(element, options, library);
}
