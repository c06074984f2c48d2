/** What pictures cost on their way into the engine, in headless Chrome: `npm run bench:pictures`; see bench/README.md. */
import type { Browser } from 'puppeteer';
import { launchBrowser } from '../tools/browser.ts';
import { bundle } from './bundles.ts';
import type { MemoryReport, PredictionReport } from './page/pictures.ts';
import { type BenchServer, serveBundles } from './server.ts';

export interface PictureOptions {
  /** Predictions of each kind. */
  readonly rounds: number;
  /** Pictures to train on, as bytes. */
  readonly pictures: number;
  /** Pictures to train on as bytes and as floats, which take four times the memory. */
  readonly floats: number;
}

type Print = (line: string) => void;

/** @throws Error if predictions or losses differ by what was given */
export async function runPictures({ rounds, pictures, floats }: PictureOptions, print: Print): Promise<void> {
  const server = await serveBundles(new Map([['pictures', await bundle('bench/page/pictures.ts')]]));
  const browser = await launchBrowser({ log: console.error });
  const train = (count: number, asFloats: boolean) =>
    call<MemoryReport>(browser, server, 'training', { pictures: count, floats: asFloats });
  try {
    if (rounds > 0) printPredictions(await call<PredictionReport>(browser, server, 'predictions', rounds), print);
    if (pictures > 0) printMemory('bytes', await train(pictures, false), print);
    if (floats === 0) return;
    const [narrow, wide] = [await train(floats, false), await train(floats, true)];
    printMemory('bytes', narrow, print);
    printMemory('floats', wide, print);
    if (String(narrow.losses) !== String(wide.losses)) throw new Error('the losses of bytes and floats differ');
  } finally {
    await browser.close();
    await server.close();
  }
}

/** Calls what the page exports, in a page of its own. */
async function call<T>(browser: Browser, server: BenchServer, name: string, argument: unknown): Promise<T> {
  const page = await browser.newPage();
  try {
    await page.goto(server.url('pictures'));
    return (await page.evaluate((entry, given) => window.callEntry(entry, given), name, argument)) as T;
  } finally {
    await page.close();
  }
}

function printPredictions({ adapter, ms, ratio }: PredictionReport, print: Print): void {
  print(`${adapter}; medians of predictions of one picture of 224 x 224 x 3`);
  for (const [name, took] of Object.entries(ms)) {
    const rate = (1000 / took).toFixed(0);
    print(`  ${name}: ${took.toFixed(2)} ms, ${rate} a second, ${ratio[name]!.toFixed(2)} of a Float32Array`);
  }
}

const megabytes = (bytes: number) => `${(bytes / 1e6).toFixed(1)} MB`;

function printMemory(kind: string, { pictures, host, gpu, losses }: MemoryReport, print: Print): void {
  print(`${pictures} pictures of 64 x 64 x 3 as ${kind}: host ${megabytes(host)}, GPU at most ${megabytes(gpu)}`);
  print(`  losses ${losses.join(', ')}`);
}
