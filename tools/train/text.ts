/** Formats results as text, for both the terminal and the picture, so that they agree. */
import {
  CLASS_NAMES,
  type EpochLogs,
  type Movement,
  type Score,
  type TrainOptions,
  type TrainResult,
  type Versions,
} from './protocol.ts';

/** A number that may be missing; one that is not finite comes as null out of JSON. */
export function fixed(value: number | null | undefined, digits = 4): string {
  return value === undefined ? '-' : value === null ? 'NaN' : value.toFixed(digits);
}

/** `0:07`, `12:30`, `1:02:03`. */
export function clock(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  const [h, m, s] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const two = (n: number) => String(n).padStart(2, '0');
  return h > 0 ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
}

/** `1`, `0-1`, `0-3,7`. */
export function listSegments(segments: readonly number[]): string {
  const ranges: [number, number][] = [];
  for (const segment of [...segments].sort((a, b) => a - b)) {
    const last = ranges.at(-1);
    if (last && segment === last[1] + 1) last[1] = segment;
    else ranges.push([segment, segment]);
  }
  return ranges.map(([from, to]) => (from === to ? `${from}` : `${from}-${to}`)).join(',');
}

const segmentWord = (segments: readonly number[]) => `segment${segments.length === 1 ? '' : 's'}`;

/** The origin of the images, which is shown with all results. */
export function describeSource({ data, dataSeed }: TrainOptions): string {
  return data === undefined ? `simulated images (data seed ${dataSeed})` : `the course's files in ${data}`;
}

export function describeRuntime({ browser, node, webgpu }: Versions): string {
  return browser ?? `Node ${node} with webgpu ${webgpu}`;
}

/** What the model is trained on, or tested on. */
export function describeImages(options: TrainOptions, segments: readonly number[], images: number | undefined): string {
  const each = images === undefined ? 'all images' : `${images} real and ${images} fake`;
  return `${describeSource(options)}, ${segmentWord(segments)} ${listSegments(segments)}, ${each} of each`;
}

/** Columns that line up; the first row is the head. */
export function table(rows: readonly (readonly string[])[]): string[] {
  const widths = rows[0]!.map((_, i) => Math.max(...rows.map((row) => row[i]!.length)));
  return rows.map((row) => row.map((cell, i) => cell.padStart(widths[i]!)).join('  '));
}

export function epochTable(history: readonly EpochLogs[]): string[] {
  return table([
    ['epoch', 'loss', 'accuracy', 'val loss', 'val accuracy', 'images/s', 'time'],
    ...history.map(({ loss, accuracy, valLoss, valAccuracy, imagesPerSecond, seconds }, i) => [
      ...[`${i + 1}`, fixed(loss), fixed(accuracy), fixed(valLoss), fixed(valAccuracy)],
      ...[imagesPerSecond.toFixed(1), clock(seconds)],
    ]),
  ]);
}

export function testTable({ segments, ...all }: NonNullable<TrainResult['test']>): string[] {
  const row = (name: string, { images, loss, accuracy }: Score) => [name, `${images}`, fixed(loss), fixed(accuracy)];
  return table([
    ['segment', 'images', 'loss', 'accuracy'],
    ...segments.map(({ segment, ...score }) => row(`${segment}`, score)),
    row('all', all),
  ]);
}

export function confusionTable({ confusion }: Score): string[] {
  return table([
    ['', ...CLASS_NAMES.map((name) => `predicted ${name}`)],
    ...confusion.map((row, truth) => [`truly ${CLASS_NAMES[truth]}`, ...row.map(String)]),
  ]);
}

/** How far the weights have moved; a bias begins at 0. */
export function movementTable(movement: readonly Movement[]): string[] {
  return table([
    ['weight', 'size at first', 'moved by', 'relative'],
    ...movement.map(({ name, start, moved }) => [
      ...[name, fixed(start), fixed(moved)],
      start > 0 ? fixed(moved / start, 3) : '-',
    ]),
  ]);
}

/** One line about the images recovered from the course's figures, which are real data whatever the model was trained on. */
export function describeRecovered(score: Score | undefined): string {
  const what = "images recovered from the course's figures";
  if (!score) return `${what}: absent here, not tested`;
  const [[realRight, realWrong], [fakeWrong, fakeRight]] = score.confusion;
  return (
    `${score.images} ${what}: accuracy ${fixed(score.accuracy)}, loss ${fixed(score.loss)} ` +
    `(${realRight} of ${realRight + realWrong} real and ${fakeRight} of ${fakeWrong + fakeRight} fake ones right)`
  );
}
