/**
 * `npm run gan`: trains the GAN of the page on simulated recordings, from several seeds, in Node. It says how good the fakes are, draws
 * 64 of them beside 64 recordings, and with --store writes what the page shows before it has trained a generator of its own.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import { optionsOf } from './commandLine.ts';
import { montage, type Picture, writePng } from './figures.ts';
import { halfSafetensors } from './gan/half.ts';
import type { Measured, Trained } from './gan/work.ts';
import { nodeGpu } from './node/chromium.ts';
import { importWithEngine } from './node/importWithEngine.ts';
import { pollSlowly } from './node/pollSlowly.ts';

const root = join(import.meta.dirname, '..');
const page = join(root, 'demo/fakes');

const whole = (text: string) => {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new InvalidArgumentError('it must be a whole number from 1.');
  return value;
};

const command = new Command('npm run gan --')
  .description('Trains a generator of brain pictures against a discriminator, and measures its fakes.')
  .option('--seeds <number>', 'how many runs, with the seeds 1, 2, …', whole, 3)
  .option('--steps <number>', 'steps of a run (default: those of the page)', whole)
  .option('--every <number>', 'steps between two measurements', whole, 100)
  .option('-o, --out <folder>', 'for pictures and results', join(root, 'runs/gan'))
  .option('--store', 'also writes the best run into demo/fakes, for the page');
const { seeds, every, out, store, ...given } = optionsOf<{
  seeds: number;
  steps?: number;
  every: number;
  out: string;
  store?: true;
}>(command);

const { gpu, driver } = await nodeGpu();
pollSlowly();
console.log(`computes on ${driver}`);
const module = await importWithEngine<typeof import('./gan/work.ts')>(join(import.meta.dirname, 'gan/work.ts'));
const { DRAWN } = module;
const { steps = module.STEPS } = given;
await mkdir(out, { recursive: true });

const HEAD = '  step   lossG   lossD  accuracy  distance  spread';
const line = ({ step, generatorLoss, discriminatorLoss, accuracy, distance, spread }: Measured) =>
  [
    String(step).padStart(6),
    generatorLoss.toFixed(3).padStart(7),
    discriminatorLoss.toFixed(3).padStart(7),
    accuracy.toFixed(3).padStart(9),
    distance.toFixed(1).padStart(9),
    spread.toFixed(2).padStart(7),
  ].join(' ');

/** What is asked of a run, each with whether it is so. */
function verdict({ measured, untrained }: Trained) {
  const last = measured.slice(-Math.ceil(measured.length / 3));
  const accuracies = last.map(({ accuracy }) => accuracy);
  const { distance, spread } = measured.at(-1)!;
  const range = [Math.min(...accuracies), Math.max(...accuracies)] as const;
  return {
    accuracy: { range, mean: accuracies.reduce((sum, one) => sum + one, 0) / accuracies.length },
    distance: distance / untrained,
    spread,
    holds: range[0] >= 0.55 && range[1] <= 0.95 && distance <= untrained / 3 && spread >= 0.5,
  };
}

function summary(run: Trained): string {
  const { accuracy, distance, spread, holds } = verdict(run);
  const [least, most] = accuracy.range;
  return (
    `seed ${run.seed}: ${holds ? 'as asked' : 'NOT as asked'}. Discriminator in the last third right in ${least.toFixed(2)} to ` +
    `${most.toFixed(2)}, mean ${accuracy.mean.toFixed(2)} (asked: 0.55 to 0.95); distance ${run.measured.at(-1)!.distance.toFixed(1)}, ` +
    `${distance.toFixed(3)} of the untrained generator's ${run.untrained.toFixed(0)} (at most 0.333; recordings: ` +
    `${run.ofRecordings.toFixed(1)}); spread ${spread.toFixed(2)} (at least 0.50); ${run.seconds.toFixed(0)} s. The baseline tells ` +
    `${(100 * run.baseline).toFixed(1)} % of held-out recordings and new fakes apart.`
  );
}

const grey = (v: number) => Array<number>(3).fill(255 * Math.min(1, Math.max(0, (v + 1) / 2)));

/** The pictures, -1 to 1, one by one. */
function each(pictures: Float32Array, count: number): Float32Array[] {
  const pixels = pictures.length / DRAWN;
  return Array.from({ length: count }, (_, i) => pictures.subarray(i * pixels, (i + 1) * pixels));
}

/** 64 fakes, and right of them 64 recordings. */
function beside({ fakes, recordings }: Trained): Picture {
  const [left, right] = [each(fakes, DRAWN), each(recordings, DRAWN)];
  const gap = new Float32Array(left[0]!.length).fill(1); // white
  const rows = Array.from({ length: 8 }, (_, row) => [row * 8, row * 8 + 8] as const);
  const all = rows.flatMap((range) => [...left.slice(...range), gap, ...right.slice(...range)]);
  return montage(all, 17, grey, { zoom: 1, gap: 2 });
}

const runs: Trained[] = [];
for (let seed = 1; seed <= seeds; seed++) {
  console.log(`\nseed ${seed}\n${HEAD}`);
  const run = await module.trainedGan({ gpu, seed, steps, every, report: (measured) => console.log(line(measured)) });
  runs.push(run);
  console.log(summary(run));
  await writePng(join(out, `seed${seed}.png`), beside(run));
}

const best = runs.reduce((one, other) => (verdict(other).distance < verdict(one).distance ? other : one));
const results = runs.map((run) => {
  const { fakes, recordings, weights, ...numbers } = run;
  return { ...numbers, verdict: verdict(run) };
});
await writeFile(join(out, 'results.json'), `${JSON.stringify({ steps, runs: results }, null, 2)}\n`);
if (store) {
  await writeFile(join(page, 'generator.safetensors'), halfSafetensors(best.weights));
  await writePng(join(page, 'stored.png'), montage(each(best.fakes, 16), 4, grey, { zoom: 1, gap: 0 }));
  await writePng(join(page, 'beside.png'), beside(best));
  const { seed, measured, untrained, ofRecordings, baseline } = best;
  const rounded = (_: string, value: unknown) => (typeof value === 'number' ? Number(value.toPrecision(4)) : value);
  const numbers = { seed, steps, untrained, ofRecordings, baseline, measured };
  await writeFile(join(page, 'stored.json'), `${JSON.stringify(numbers, rounded, 2)}\n`);
}
console.log(`\n${runs.map(summary).join('\n')}\n\npictures and results in ${relative(process.cwd(), out)}`);
process.exit(runs.every((run) => verdict(run).holds) ? 0 : 1);
