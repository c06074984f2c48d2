/** Writes the run folder: numbers as JSON, the model, and pictures. */
import fs from 'node:fs/promises';
import { join } from 'node:path';
import type { Browser } from 'puppeteer';
import { replaceFiles } from '../../src/runtime/replaceFiles.ts';
import type { TrainOptions, TrainResult, Versions } from './protocol.ts';
import { describeSource } from './text.ts';

export const METRICS_FILE = 'metrics.json';
export const PICTURE_FILE = 'report.png';

/** A finished run. */
export interface TrainingRun {
  readonly options: TrainOptions;
  readonly result: TrainResult;
  readonly started: Date;
  readonly versions: Versions;
}

/** Draws the picture of a run in a page of its own. @returns a PNG */
export async function drawReport(browser: Browser, url: string, run: TrainingRun): Promise<Uint8Array> {
  const page = await browser.newPage();
  try {
    await page.setViewport({ width: 1200, height: 800, deviceScaleFactor: 1.5 });
    await page.goto(`${url}report.html`);
    const { options, result, versions } = run;
    await page.evaluate((data) => window.drawReport(data), {
      options,
      result,
      versions,
      started: run.started.toISOString(),
    });
    return await page.screenshot({ fullPage: true });
  } finally {
    await page.close();
  }
}

/**
 * @param files to put beside the numbers
 * @returns the folder
 */
export async function writeRun(
  runs: string,
  run: TrainingRun,
  files: ReadonlyMap<string, Uint8Array>,
): Promise<string> {
  const folder = run.options.out ?? join(runs, `${run.options.model}-${timestamp(run.started)}`);
  await fs.mkdir(folder, { recursive: true });
  const beside = [...files].map(([name, bytes]) => [join(folder, name), bytes] as const);
  const numbers = `${JSON.stringify(metrics(run), undefined, 2)}\n`;
  // The numbers are written last: if they are new, so are all files that they belong to.
  await replaceFiles(fs, [...beside, [join(folder, METRICS_FILE), numbers]]);
  return folder;
}

/** Everything that was measured, and what it was measured on; pictures and weights are in files of their own. */
function metrics({ options, result, started, versions }: TrainingRun) {
  const { parameters, adapter, source, examples, validationExamples, history, batches, seconds } = result;
  const total = Object.values(seconds).reduce((sum, part) => sum + part, 0);
  return {
    started: started.toISOString(),
    versions,
    adapter,
    data: {
      source,
      description: describeSource(options),
      trainingImages: examples,
      validationImages: validationExamples,
    },
    options,
    parameters,
    history: columns(history),
    test: result.test ?? null,
    recoveredImages: result.recovered ?? null,
    imagesPerSecond: median(history.map(({ imagesPerSecond }) => imagesPerSecond)),
    seconds: { ...seconds, total },
    movement: result.movement,
    batches,
  };
}

/** `[{ a: 1 }, { a: 2 }]` as `{ a: [1, 2] }`. */
function columns<T extends object>(rows: readonly T[]): Record<string, unknown[]> {
  const names = rows.length > 0 ? Object.keys(rows[0]!) : [];
  return Object.fromEntries(names.map((name) => [name, rows.map((row) => row[name as keyof T])]));
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  return (sorted[Math.floor(middle)]! + sorted[Math.ceil(middle) - 1]!) / 2;
}

/** `20240229-235959`, local time. */
function timestamp(date: Date): string {
  const two = (n: number) => String(n).padStart(2, '0');
  const day = `${date.getFullYear()}${two(date.getMonth() + 1)}${two(date.getDate())}`;
  return `${day}-${two(date.getHours())}${two(date.getMinutes())}${two(date.getSeconds())}`;
}
