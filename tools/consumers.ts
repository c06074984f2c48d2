/**
 * `npm run test:consumers`: packs the package, installs it into projects as its users have them, and trains a tiny model in each:
 * bundlers and static pages in Chrome; Node, Bun and Deno by `import` and by `require`. Where there is no GPU, not even software,
 * the engine's error is what is checked. A table says what works; the exit status is 1 if something does not.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Command } from 'commander';
import { launchBrowser } from './browser.ts';
import type { Counts } from './check.ts';
import { optionsOf } from './commandLine.ts';
import { type Consumer, NotHere, type Outcome, outcomeOf, type Place } from './consumers/consumers.ts';
import { PAGES } from './consumers/pages.ts';
import { runtimes } from './consumers/runtimes.ts';
import { swiftShaderFolders } from './node/chromium.ts';
import { packInto } from './packed.ts';

interface Row {
  readonly name: string;
  readonly outcome: Outcome;
  readonly result: string;
  readonly seconds: number;
}

async function tried({ name, trial }: Consumer, place: Place, withGpu: boolean): Promise<Row> {
  const begun = performance.now();
  const row = (outcome: Outcome, result: string) => {
    const seconds = Math.round((performance.now() - begun) / 1000);
    console.log(`${outcome.padEnd(8)}  ${name} (${seconds} s)${outcome === 'FAILED' ? `\n${result}` : ''}`);
    return { name, outcome, result: result.split('\n')[0]!.slice(0, 100), seconds };
  };
  try {
    const result = await trial(place);
    return row(outcomeOf(result, withGpu), result);
  } catch (error) {
    return row(error instanceof NotHere ? 'not here' : 'FAILED', (error as Error).message);
  }
}

/** @param only a part of the names of those to be tried */
export async function tryConsumers(only = ''): Promise<Counts> {
  const work = mkdtempSync(join(tmpdir(), 'neurite-consumers-'));
  const browser = await launchBrowser();
  const rows: Row[] = [];
  try {
    const { file, bytes } = packInto(work);
    console.log(`packed ${(bytes / 1e6).toFixed(2)} MB; every project installs it from its archive`);
    const place = { work, packed: file, browser };
    // The browser brings software that computes everywhere; so there is a GPU, unless it is of another kind of system.
    const software = swiftShaderFolders().length > 0;
    const all = [...PAGES.map((page) => [page, true] as const), ...runtimes().map((one) => [one, software] as const)];
    for (const [consumer, withGpu] of all.filter(([{ name }]) => name.toLowerCase().includes(only.toLowerCase())))
      rows.push(await tried(consumer, place, withGpu));
  } finally {
    await browser.close();
    rmSync(work, { recursive: true, force: true });
  }
  const width = Math.max(...rows.map(({ name }) => name.length), 0);
  console.log();
  for (const { name, outcome, result } of rows) console.log(`${name.padEnd(width)}  ${outcome.padEnd(8)}  ${result}`);
  const count = (wanted: Outcome) => rows.filter(({ outcome }) => outcome === wanted).length;
  return { passed: count('works'), failed: count('FAILED') + (rows.length === 0 ? 1 : 0) };
}

if (process.argv[1] && resolve(process.argv[1]) === fileURLToPath(import.meta.url)) {
  const { only } = optionsOf<{ only?: string }>(
    new Command('npm run test:consumers --')
      .description(
        'Packs the package, installs it into bundlers, static pages, Node, Bun and Deno, and trains in each.',
      )
      .option('--only <name>', 'those whose name contains this'),
  );
  const { passed, failed } = await tryConsumers(only);
  console.log(`\n${passed} passed, ${failed} failed`);
  process.exitCode = failed > 0 ? 1 : 0;
}
