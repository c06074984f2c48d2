/**
 * `npm run bench`: measures the engine and its peers side by side; see bench/README.md. `npm run bench -- --help` lists the
 * options.
 */
import { statSync } from 'node:fs';
import fs from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { Command, InvalidArgumentError, Option } from 'commander';
import { PEERS } from '../bench/libraries.ts';
import type { BenchReport } from '../bench/report.ts';
import { type BenchOptions, PARTS, runBench } from '../bench/run.ts';
import { replaceFiles } from '../src/runtime/replaceFiles.ts';
import { optionsOf } from './commandLine.ts';

const MODELS = ['baseline', 'second'];
const PEER_NAMES = PEERS.map(({ name }) => name);

/** Parses `a,b` where each must be one of some words. */
function words<T extends string>(known: readonly T[]) {
  return (text: string): T[] => {
    const list = text.split(',').filter(Boolean);
    if (list.length === 0) throw new InvalidArgumentError(`name at least one of ${known.join(', ')}.`);
    const unknown = list.find((word) => !known.includes(word as T));
    if (unknown !== undefined) throw new InvalidArgumentError(`there is no ${unknown}; there are ${known.join(', ')}.`);
    return list as T[];
  };
}

function sizes(text: string): number[] {
  const list = text.split(',').map(Number);
  if (!list.every((size) => Number.isInteger(size) && size > 0)) {
    throw new InvalidArgumentError('batch sizes are whole numbers of at least 1.');
  }
  return list.sort((p, q) => p - q);
}

function parse(): Omit<BenchOptions, 'batches'> & { batches?: number[]; json?: string } {
  const command = new Command('npm run bench --')
    .description('Measures the engine and its peers in headless Chrome, correctness first.')
    .option('--quick', 'the engine alone at batch 32, few kernels; about a minute', false)
    .addOption(
      new Option('--only <parts>', 'a steps, b kernels, c first step, d resources, e sizes, f scaling')
        .default([...PARTS], 'all')
        .argParser(words(PARTS)),
    )
    .addOption(
      new Option('--batches <sizes>', 'batch sizes of a and d')
        .default(undefined, '4,32,128, quick: 32')
        .argParser(sizes),
    )
    .addOption(new Option('--models <names>', 'presets').default(MODELS, MODELS.join()).argParser(words(MODELS)))
    .addOption(
      new Option('--peers <names>', `of ${PEER_NAMES.join(', ')}`)
        .default(PEER_NAMES, 'all')
        .argParser(words(PEER_NAMES)),
    )
    .option('--json <file>', 'write all results there');
  return optionsOf(command);
}

/** Checked before the work begins, because the work takes long. */
function canBeWritten(path: string): boolean {
  const isFolder = (name: string) => statSync(name, { throwIfNoEntry: false })?.isDirectory() ?? false;
  try {
    return isFolder(dirname(path)) && !isFolder(path);
  } catch {
    return false; // a part of the path is a file
  }
}

const { json, ...parsed } = parse();
const { quick } = parsed;
const options: BenchOptions = {
  ...parsed,
  batches: parsed.batches ?? (quick ? [32] : [4, 32, 128]),
  ...(quick ? { peers: [] } : {}), // building them alone takes longer than all the rest
};
// npm runs scripts in the package's folder; paths mean the folder that the user is in.
const file = json && resolve(process.env.INIT_CWD ?? process.cwd(), json);
if (file && !canBeWritten(file)) {
  console.error(`error: --json ${json}: there is no such folder, or ${file} is one`);
  process.exit(2);
}
const save = async (results: BenchReport) => {
  if (file) await replaceFiles(fs, [[file, `${JSON.stringify(results, null, 2)}\n`]]);
};
const report = await runBench(options, (line) => console.log(line), save);
const results = [
  ...report.entries.map(({ result }) => result),
  ...(report.engine?.steps ?? []),
  ...(report.engine?.kernels ?? []),
];
if (results.some((result) => result?.wrong)) process.exitCode = 1;
