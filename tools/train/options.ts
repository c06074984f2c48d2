/** The options of `npm run train`: parsing, checks, defaults and help. */
import { accessSync, constants, existsSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { Command, CommanderError, InvalidArgumentError } from 'commander';
import { DEFAULT_MODEL, defaultLearningRate, defaultsOf, SEGMENTS, TEST_SEGMENTS, TRAIN_SEGMENTS } from './defaults.ts';
import { CLASS_NAMES, type OptimizerName, type RuntimeName, type ScheduleName, type TrainOptions } from './protocol.ts';

/** An option does not exist, or has an impossible value. The message is one line. */
export class UsageError extends Error {
  /** The usage of the command, if it was used in another way. */
  readonly usage: string | undefined;

  constructor(message: string, usage?: string) {
    super(message);
    this.usage = usage;
  }
}

/** The user asked for help; the message is the help text. */
export class HelpRequest extends Error {}

const SCHEDULES: readonly ScheduleName[] = ['constant', 'cosine'];
const RUNTIMES: readonly RuntimeName[] = ['browser', 'node'];
const OPTIMIZERS: readonly OptimizerName[] = ['sgd', 'rmsprop', 'adam', 'adamw'];

/** Options as they are given; the rest is filled in. */
interface Given {
  model: string;
  data?: string;
  segments?: number[];
  testSegments?: number[];
  images?: number;
  testImages?: number;
  dataSeed: number;
  epochs?: number;
  batchSize?: number;
  optimizer?: OptimizerName;
  learningRate?: number;
  schedule?: ScheduleName;
  validationSplit?: number;
  seed: number;
  runtime: RuntimeName;
  out?: string;
}

/**
 * @param args what follows the command's name
 * @param models names of the presets
 * @param cwd where relative paths start
 * @throws UsageError, HelpRequest
 */
export function parseOptions(args: readonly string[], models: readonly string[], cwd = process.cwd()): TrainOptions {
  const output: string[] = [];
  const write = (text: string) => output.push(text);
  const command = buildCommand(models).exitOverride().configureOutput({ writeOut: write, writeErr: write });
  try {
    command.parse(args, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) throw new HelpRequest(output.join(''));
    const message = error.message.replace(/^error: /, '').replace(/\s*\n\s*/g, ' ');
    throw new UsageError(message, command.helpInformation().trimEnd());
  }
  return complete(command.opts<Given>(), cwd);
}

function buildCommand(models: readonly string[]): Command {
  const standard = defaultsOf(DEFAULT_MODEL);
  const say = (value: unknown) => `(default: ${value})`;
  return new Command('npm run train --')
    .usage('[options]')
    .description(
      'Trains one of the preset networks to tell real brain images from fakes, on WebGPU in a headless browser or in Node, and ' +
        'tests it on segments that it has not seen.',
    )
    .option('-m, --model <name>', `network to train: ${models.join(', ')}`, oneOf(models), DEFAULT_MODEL)
    .option('-d, --data <folder>', "the course's files real_<i>.gz, fake_<i>.gz (default: simulated images)")
    .option('-s, --segments <list>', `train on these ${say(TRAIN_SEGMENTS)}`, segmentList)
    .option('--test-segments <list>', `test on these ${say('7-9')}`, segmentList)
    .option('--images <n>', `of each class and segment to train on ${say(`${standard.images}, of files all`)}`, count)
    .option('--test-images <n>', `the same for the test ${say(`${standard.testImages}, of files all`)}`, count)
    .option('--data-seed <n>', 'another number, other simulated sessions', integer, 0)
    .option('-e, --epochs <n>', `passes over the training images ${say(standard.epochs)}`, count)
    .option('-b, --batch-size <n>', `images of a step ${say(standard.batchSize)}`, count)
    .option('--optimizer <name>', `${OPTIMIZERS.join(', ')} ${say(standard.optimizer)}`, oneOf(OPTIMIZERS))
    .option('-l, --learning-rate <rate>', `size of the steps ${say(`${standard.learningRate}, sgd 0.01`)}`, positive)
    .option(
      '--schedule <name>',
      `of the learning rate: ${SCHEDULES.join(', ')} ${say(standard.schedule)}`,
      oneOf(SCHEDULES),
    )
    .option('--validation-split <part>', `training images held out, below 1 ${say(standard.validationSplit)}`, fraction)
    .option('--seed <n>', 'initial weights, order of images, dropout', integer, 0)
    .option('--runtime <name>', `compute in: ${RUNTIMES.join(', ')}`, oneOf(RUNTIMES), 'browser')
    .option('-o, --out <folder>', 'run folder (default: runs/<model>-<date>-<time>)')
    .helpOption('-h, --help', 'show this')
    .allowExcessArguments(false)
    .addHelpText('after', ownDefaults(models) + EPILOGUE);
}

const EPILOGUE = `
Lists of segments are written 0,1 or 0-3 or 0,2-4. Images are scaled to 0..1, each by its own minimum and maximum.
The run folder gets metrics.json, model.safetensors and report.png, a picture for which the Node runtime needs a browser, too.
Exit code: 0 done, 1 failed, 2 bad options, 130 interrupted.

Examples:
  npm run train                                          the baseline on simulated images
  npm run train -- --model second --epochs 10 --seed 3
  npm run train -- --data ~/brain --segments 0-6         the course's own files
  npm run train -- --images 16 --epochs 1                a quick look
  npm run train -- --runtime node                        without a browser
`;

/** A line for each preset whose defaults differ from the ones shown. */
function ownDefaults(models: readonly string[]): string {
  const shown = defaultsOf(DEFAULT_MODEL);
  const lines = models.flatMap((model) => {
    const differing = Object.entries(defaultsOf(model)).filter(([key, v]) => shown[key as keyof typeof shown] !== v);
    if (differing.length === 0) return [];
    const flags = differing.map(([key, value]) => `--${key.replace(/[A-Z]/g, (c) => `-${c.toLowerCase()}`)} ${value}`);
    return [`  ${model.padEnd(12)} ${flags.join(' ')}\n`];
  });
  return lines.length > 0 ? `\nDefaults of other networks:\n${lines.join('')}` : '';
}

function complete(given: Given, cwd: string): TrainOptions {
  const defaults = defaultsOf(given.model);
  const { segments = [...TRAIN_SEGMENTS], optimizer = defaults.optimizer } = given;
  const data = given.data === undefined ? undefined : resolve(cwd, given.data);
  const out = given.out === undefined ? undefined : resolve(cwd, given.out);
  if (data !== undefined) checkData(data, segments, given.testSegments);
  if (out !== undefined) checkWritable(out);
  const images = given.images ?? (data === undefined ? defaults.images : undefined);
  const testImages = given.testImages ?? (data === undefined ? defaults.testImages : undefined);
  checkSize('--images', images, segments);
  const wanted = given.testSegments ?? TEST_SEGMENTS;
  checkSize('--test-images', testImages, [0]); // test segments are in memory one at a time
  return {
    runtime: given.runtime,
    model: given.model,
    ...(data === undefined ? {} : { data }),
    segments,
    // A user who did not request the default test segments may not have their files.
    testSegments: data === undefined ? wanted : wanted.filter((i) => missingFiles(data, i).length === 0),
    ...(images === undefined ? {} : { images }),
    ...(testImages === undefined ? {} : { testImages }),
    dataSeed: given.dataSeed,
    epochs: given.epochs ?? defaults.epochs,
    batchSize: given.batchSize ?? defaults.batchSize,
    optimizer,
    learningRate: given.learningRate ?? defaultLearningRate(optimizer, defaults),
    schedule: given.schedule ?? defaults.schedule,
    validationSplit: given.validationSplit ?? defaults.validationSplit,
    seed: given.seed,
    ...(out === undefined ? {} : { out }),
  };
}

function checkData(folder: string, segments: readonly number[], testSegments: readonly number[] = []): void {
  if (!existsSync(folder)) throw new UsageError(`--data ${folder}: there is no such folder.`);
  if (!statSync(folder).isDirectory()) throw new UsageError(`--data ${folder}: this is no folder.`);
  const missing = [...new Set([...segments, ...testSegments])].flatMap((i) => missingFiles(folder, i));
  if (missing.length > 0) throw new UsageError(`--data ${folder}: ${missing.join(', ')} missing.`);
}

function missingFiles(folder: string, segment: number): string[] {
  return CLASS_NAMES.map((name) => `${name}_${segment}.gz`).filter(
    (file) => !statSync(join(folder, file), { throwIfNoEntry: false })?.isFile(),
  );
}

/** Images are 64 KiB each, and for a moment there are two copies of all of them in the page. */
const MOST_IMAGES = 32768;

function checkSize(flag: string, images: number | undefined, segments: readonly number[]): void {
  const most = Math.floor(MOST_IMAGES / (2 * segments.length));
  if (images !== undefined && images > most) {
    throw new UsageError(`${flag} ${images}: more than ${most} do not fit in the page's memory.`);
  }
}

/** The folder need not exist, but it must be possible to create it in the nearest existing folder above. */
function checkWritable(folder: string): void {
  let above = folder;
  while (!existsSync(above)) above = dirname(above);
  if (!statSync(above).isDirectory()) throw new UsageError(`--out ${folder}: ${above} is no folder.`);
  try {
    accessSync(above, constants.W_OK | constants.X_OK);
  } catch {
    throw new UsageError(`--out ${folder}: ${above} is not writable.`);
  }
}

// Parsers of values. Commander puts the option's name and the value in front of these messages.

function count(text: string): number {
  const value = integer(text);
  if (value < 1) throw new InvalidArgumentError('It must be a whole number from 1.');
  return value;
}

function integer(text: string): number {
  const value = /^-?\d+$/.test(text) ? Number(text) : Number.NaN;
  if (!Number.isSafeInteger(value)) throw new InvalidArgumentError('It must be a whole number.');
  return value;
}

function decimal(text: string): number {
  return /^-?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? Number(text) : Number.NaN;
}

function positive(text: string): number {
  const value = decimal(text);
  if (!(value > 0 && Number.isFinite(value))) throw new InvalidArgumentError('It must be a number above 0.');
  return value;
}

function fraction(text: string): number {
  const value = decimal(text);
  if (!(value >= 0 && value < 1)) throw new InvalidArgumentError('It must be a number from 0 to below 1.');
  return value;
}

function oneOf<T extends string>(names: readonly T[]): (text: string) => T {
  return (text) => {
    const name = names.find((candidate) => candidate === text);
    if (!name) throw new InvalidArgumentError(`It must be one of ${names.join(', ')}.`);
    return name;
  };
}

/** `0,1`, `0-3`, `0,2-4`: the segments in the order given, each once. */
function segmentList(text: string): number[] {
  const wrong = () => new InvalidArgumentError(`It must be a list like 0,1 or 0-3, of segments 0 to ${SEGMENTS - 1}.`);
  const parts = text.split(',').map((part) => /^\s*(\d)\s*(?:-\s*(\d)\s*)?$/.exec(part) ?? fail(wrong()));
  const segments = parts.flatMap(([, first, last = first]) => {
    const [from, to] = [Number(first), Number(last)];
    if (from > to || to >= SEGMENTS) throw wrong();
    return Array.from({ length: to - from + 1 }, (_, i) => from + i);
  });
  return [...new Set(segments)];
}

function fail(error: Error): never {
  throw error;
}
