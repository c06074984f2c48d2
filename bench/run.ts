/** Runs the parts of the benchmark in headless Chrome, prints results as they come, and returns all of them. */
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Browser } from 'puppeteer';
import { launchBrowser } from '../tools/browser.ts';
import { importWithEngine } from '../tools/node/importWithEngine.ts';
import { type LayerData, makeBatch, sizedLayers } from './batch.ts';
import { type Bundle, bundle, sizeOf } from './bundles.ts';
import { type ContenderReport, type ContenderRequest, type FirstStep, SLOW_MS } from './contender.ts';
import type { EngineOptions, EnginePart, EngineReport } from './engine.ts';
import { type Library, NEURITE, PEERS, WHOLE_ENGINE } from './libraries.ts';
import { referenceLoss } from './reference.ts';
import type { BenchReport, Entry, FirstEntry } from './report.ts';
import { type BenchServer, serveBundles } from './server.ts';
import { bestStep, firstTable, resourceTable, sizeTable, spreadTable, stepTable, targetTable } from './tables.ts';
import { judge } from './targets.ts';

const root = resolve(import.meta.dirname, '..');

export const PARTS = ['a', 'b', 'c', 'd', 'e', 'f'] as const;
export type Part = (typeof PARTS)[number];

export interface BenchOptions {
  readonly quick: boolean;
  readonly only: readonly Part[];
  readonly batches: readonly number[];
  readonly models: readonly string[];
  /** Names of peers, as in libraries.ts. */
  readonly peers: readonly string[];
}

/** Without a GPU, Chrome offers WebGL only with a flag. */
const FLAGS = ['--enable-unsafe-swiftshader'];

declare global {
  interface Window {
    /** Of every page that the server serves. */
    callEntry(name: string, argument: unknown): Promise<unknown>;
  }
}

type Print = (line: string) => void;

/** A run of the benchmark: its browser, its server, and the results so far. */
class Bench {
  readonly #options: BenchOptions;
  readonly #print: Print;
  readonly #networks: Readonly<Record<string, () => LayerData[]>>;
  readonly #server: BenchServer;
  readonly #browser: Browser;
  readonly #peers: readonly Library[];

  constructor(
    options: BenchOptions,
    print: Print,
    networks: Readonly<Record<string, () => LayerData[]>>,
    server: BenchServer,
    browser: Browser,
  ) {
    this.#options = options;
    this.#print = print;
    this.#networks = networks;
    this.#server = server;
    this.#browser = browser;
    this.#peers = PEERS.filter(({ name }) => options.peers.includes(name));
  }

  adapter(): Promise<string> {
    return this.#call(this.#browser, 'engine', 'describe');
  }

  /** (b), (f), and the engine's own steps. */
  engine(parts: readonly EnginePart[]): Promise<EngineReport> {
    const { quick, batches, models } = this.#options;
    const options = { quick, parts, batches, models } as EngineOptions;
    return this.#call(this.#browser, 'engine', 'run', options);
  }

  /**
   * (a) and (d): each network at each batch size, by each library; small batches and cheap libraries first.
   * @param entries where to add them
   * @param keep called after each peer
   */
  async entries(
    entries: Entry[],
    timed: boolean,
    batches: readonly number[],
    keep: () => void | Promise<void>,
  ): Promise<void> {
    for (const batch of batches) {
      for (const model of this.#options.models) {
        const layers = this.#networks[model]!();
        const sized = sizedLayers(layers);
        const expected = referenceLoss(sized, makeBatch(batch, sized[0]!.input));
        const own = await this.#entry(NEURITE, { model, layers, batch, timed, losses: [expected] });
        entries.push(own);
        const losses = own.result?.wrong ? [expected] : (own.result?.losses ?? [expected]);
        for (const peer of this.#peers) {
          const slow = entries.find((e) => e.library === peer.name && e.model === model && isSlow(e));
          if (slow && batch > 32) {
            const leftOut = `a step takes over ${SLOW_MS / 1000} s at batch ${slow.batch}`;
            this.#print(`${peer.name}, ${model}, batch ${batch}: left out: ${leftOut}`);
            entries.push({ library: peer.name, model, batch, leftOut });
          } else entries.push(await this.#entry(peer, { model, layers, batch, timed, losses }));
          await keep();
        }
      }
    }
  }

  async #entry(
    library: Library,
    { model, ...rest }: { model: string } & Omit<ContenderRequest, 'backend' | 'budgetMs'>,
  ): Promise<Entry> {
    const name = `${library.name}, ${model}, batch ${rest.batch}`;
    const began = performance.now();
    const request: ContenderRequest = { ...rest, backend: library.backend, budgetMs: 2000 };
    this.#print(`${name} ...`);
    const base = { library: library.name, model, batch: rest.batch };
    try {
      const result = await this.#call<ContenderReport>(this.#browser, library.page, 'run', request);
      const step = bestStep({ result })?.median.toFixed(1);
      const outcome = result.wrong ? `WRONG, not timed: ${result.wrong}` : step ? `${step} ms a step` : 'counted';
      this.#print(`${name}: ${outcome} (${seconds(began)} in all)`);
      return { ...base, result };
    } catch (error) {
      this.#print(`${name}: failed: ${(error as Error).message}`);
      return { ...base, failed: (error as Error).message };
    }
  }

  /** (c): a browser of its own, with a profile of its own, for each library. */
  async firstSteps(batch: number): Promise<FirstEntry[]> {
    const model = this.#options.models[0]!;
    const entries: FirstEntry[] = [];
    for (const library of [NEURITE, ...this.#peers]) {
      const base = { library: library.name, model, batch };
      const request: ContenderRequest = {
        backend: library.backend,
        layers: this.#networks[model]!(),
        batch,
        timed: false,
        budgetMs: 0,
      };
      const browser = await launchBrowser({ log: console.error, args: FLAGS });
      try {
        const result = await this.#call<FirstStep>(browser, library.page, 'first', request);
        this.#print(`${library.name}: first step after ${result.total.toFixed(0)} ms`);
        entries.push({ ...base, result });
      } catch (error) {
        this.#print(`${library.name}: first step failed: ${(error as Error).message}`);
        entries.push({ ...base, failed: (error as Error).message });
      } finally {
        await browser.close();
      }
    }
    return entries;
  }

  /**
   * Calls what a bundle exports, in a page of its own that is closed afterwards, so that what a library leaves behind is
   * freed.
   */
  async #call<T>(browser: Browser, bundle: string, name: string, argument?: unknown): Promise<T> {
    const page = await browser.newPage();
    try {
      const crashed = new Promise<never>((_, reject) => {
        page.on('error', () => reject(new Error('the page crashed')));
      });
      page.on('console', (message) => {
        if (message.type() === 'error') this.#print(`[page] ${message.text()}`);
      });
      await page.exposeFunction('reportToNode', this.#print);
      await page.goto(this.#server.url(bundle));
      const called = page.evaluate((name, argument) => window.callEntry(name, argument), name, argument);
      return await Promise.race([called as Promise<T>, crashed]);
    } finally {
      await page.close().catch(() => {});
    }
  }
}

/**
 * Runs the requested parts.
 * @param save called with the results so far whenever there are more, because a run may take half an hour
 * @throws Error if there is no browser or no adapter, or if the engine itself fails
 */
export async function runBench(
  options: BenchOptions,
  print: Print,
  save: (report: BenchReport) => void | Promise<void> = () => {},
): Promise<BenchReport> {
  const wants = (part: Part) => options.only.includes(part);
  const peers = options.peers.length > 0 && (wants('a') || wants('c') || wants('d'));
  print('building the pages');
  const { bundles, sizes } = await buildBundles(wants('e'), peers, options.quick);
  const server = await serveBundles(bundles);
  const browser = await launchBrowser({ log: console.error, args: FLAGS });
  const versions = { ...packageVersions(), browser: await browser.version(), node: process.version };
  try {
    const bench = new Bench(options, print, await networks(), server, browser);
    const adapter = await bench.adapter();
    print(`adapter: ${adapter}`);
    if (sizes.length > 0) print(`\n${sizeTable(sizes)}\n`);
    const base = { date: new Date().toISOString(), adapter, versions, options, sizes };
    const results: Results = { entries: [], first: [] };
    const reportSoFar = (): BenchReport => ({ ...base, ...results, targets: judge({ ...base, ...results }) });
    await measure(bench, options, results, print, () => save(reportSoFar()));
    const report = reportSoFar();
    print(`\n${targetTable(report.targets)}`);
    await save(report);
    return report;
  } finally {
    await browser.close();
    await server.close();
  }
}

interface Results {
  entries: Entry[];
  first: FirstEntry[];
  engine?: EngineReport;
}

/** Fills the results, part by part. */
async function measure(
  bench: Bench,
  { quick, only, batches }: BenchOptions,
  results: Results,
  print: Print,
  keep: () => void | Promise<void>,
): Promise<void> {
  const wants = (part: Part) => only.includes(part);
  const usual = batches.includes(32) ? 32 : Math.max(...batches);
  const parts: EnginePart[] = [
    ...(quick && wants('a') ? (['steps'] as const) : []),
    ...(wants('b') ? (['kernels'] as const) : []),
    ...(wants('f') ? (['scaling'] as const) : []),
  ];
  if (parts.length > 0) results.engine = await bench.engine(parts);
  await keep();
  if (wants('c')) {
    results.first = await bench.firstSteps(usual);
    print(`\n${firstTable(results.first)}\n`);
    await keep();
  }
  const timed = !quick && wants('a');
  const { entries } = results;
  if (timed || wants('d')) await bench.entries(entries, timed, timed ? batches : [usual], keep);
  if (timed) print(`\n${stepTable(entries, 'step')}\n\n${stepTable(entries, 'predict')}\n\n${spreadTable(entries)}`);
  if (wants('d')) print(`\n${resourceTable(entries.filter(({ batch }) => batch === usual))}`);
}

const PEER_BUNDLES = [
  ['jax-js', 'bench/peers/jax.ts'],
  ['tfjs, all backends', 'bench/peers/tensorflow.ts'],
] as const;

/** The pages' bundles, and the sizes of what a page needs that trains the baseline. */
async function buildBundles(measured: boolean, peers: boolean, quick: boolean) {
  const bundles = new Map<string, Bundle>();
  const pages = ['engine', 'neurite', ...(peers ? ['jax', 'tensorflow'] : [])];
  for (const page of pages) bundles.set(page, await bundle(`bench/page/${page}.ts`));
  const sized = [
    [WHOLE_ENGINE, 'src/index.ts'],
    ['neurite, what the presets need', 'bench/peers/neurite.ts'],
    ...(quick ? [] : PEER_BUNDLES),
  ] as const;
  const sizes = [];
  for (const [name, entry] of measured ? sized : []) sizes.push(sizeOf(name, await bundle(entry)));
  return { bundles, sizes };
}

/** Presets as plain data. */
async function networks(): Promise<Record<string, () => LayerData[]>> {
  const file = join(root, 'src/brain/presets.ts');
  return (await importWithEngine<{ presets: Record<string, () => LayerData[]> }>(file)).presets;
}

function packageVersions(): Record<string, string> {
  const version = (path: string): string => JSON.parse(readFileSync(join(root, path, 'package.json'), 'utf8')).version;
  return {
    neurite: version('.'),
    tfjs: version('node_modules/@tensorflow/tfjs'),
    'jax-js': version('node_modules/@jax-js/jax'),
  };
}

function isSlow({ result }: Entry): boolean {
  return (result?.step?.median ?? 0) > SLOW_MS;
}

function seconds(began: number): string {
  return `${((performance.now() - began) / 1000).toFixed(1)} s`;
}
