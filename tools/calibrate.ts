/**
 * Compares the simulator with the course's pictures: a table of statistics (real against simulated real, fake against
 * simulated fake) and pictures to look at, three columns taken from the figures and three simulated.
 *
 *     node --import tsx tools/calibrate.ts [folder of the figures] [folder for the pictures]
 */
import { mkdir } from 'node:fs/promises';
import { simulateBrain } from '../src/brain/simulator/index.ts';
import { imagesOfFigure, montage, rainbow, writePng } from './figures.ts';
import { imageStatistics, spread } from './statistics.ts';

const [figures = '../shared/brain', output = '.cache/calibration'] = process.argv.slice(2);
const perClass = 60;
const set = simulateBrain({ segments: [0], imagesPerClass: perClass, seed: 1 });
await mkdir(output, { recursive: true });

for (const [label, name] of ['real', 'fake'].entries()) {
  const { images, residual } = await imagesOfFigure(`${figures}/figure_${name}.png`);
  const simulated = Array.from({ length: perClass }, (_, i) =>
    set.x.data.subarray((2 * i + label) * 16384, (2 * i + label + 1) * 16384),
  );
  console.log(
    `\n${name}: 9 pictures (recovered to ${residual.toFixed(4)} rms), ${perClass} simulated; mean +- deviation between images`,
  );
  const theirs = imageStatistics(images);
  const ours = imageStatistics(simulated);
  for (const [statistic, values] of Object.entries(theirs)) {
    const show = ([mean, deviation]: [number, number], many: boolean): string =>
      `${mean.toFixed(3).padStart(8)}${many ? ` +- ${deviation.toFixed(3).padStart(6)}` : ''.padStart(10)}`;
    const many = values.length > 1;
    const [a, da] = spread(values);
    const [b] = spread(ours[statistic]!);
    const sigma = many
      ? `${((b - a) / (da / Math.sqrt(Math.min(9, values.length)) + 1e-9)).toFixed(1).padStart(6)} sigma`
      : '';
    console.log(
      `${statistic.padEnd(42)}${show(spread(values), many)}   ${show(spread(ours[statistic]!), many)} ${sigma}`,
    );
  }
  for (const [i, [look, colour]] of [
    ['grey', (v: number) => [v * 255, v * 255, v * 255]],
    ['rainbow', rainbow],
  ].entries() as IterableIterator<[number, [string, (v: number) => readonly number[]]]>) {
    const both = Array.from(
      { length: 18 },
      (_, k) => (k % 6 < 3 ? images : simulated.slice(i * 9))[Math.floor(k / 6) * 3 + (k % 3)]!,
    );
    await writePng(`${output}/${name}_${look}.png`, montage(both, 6, colour));
  }
}
console.log(`\npictures in ${output}: left three columns from the figures, right three simulated`);
