/** `npm run train`: its options, and whole small runs in a browser and in Node. */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { type BrainImages, presets, simulateBrain, writeBrainImages } from '../src/brain/index.ts';
import { readSafetensors } from '../src/io/safetensors.ts';
import { HelpRequest, parseOptions, UsageError } from '../tools/train/options.ts';
import { clock, listSegments } from '../tools/train/text.ts';
import { ownErrors } from './support/process.ts';

const root = resolve(import.meta.dirname, '..');
const folder = mkdtempSync(join(tmpdir(), 'neurite-train-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const MODELS = ['baseline', 'second'];
const parse = (...args: string[]) => parseOptions(args, MODELS, folder);

/** Runs `npm run train` without npm. */
function run(...args: string[]) {
  return runWith({}, ...args);
}

function runWith(more: Record<string, string>, ...args: string[]) {
  const env = { ...process.env, ...more };
  const command = ['tools/run.mjs', 'train', ...args];
  const { status, stdout, stderr } = spawnSync(process.execPath, command, { cwd: root, encoding: 'utf8', env });
  return { status, stdout, stderr };
}

/** Stops a run by Ctrl-C once it trains. */
async function interrupted(...args: string[]) {
  const command = ['--import', 'tsx', 'tools/train.ts', '--images', '64', '--epochs', '50', ...args];
  const child = spawn(process.execPath, command, { cwd: root });
  let [output, errors, asked] = ['', '', false];
  child.stderr.on('data', (text) => {
    errors += text;
  });
  child.stdout.on('data', (text) => {
    output += text;
    if (asked || !/to validate on/.test(output)) return;
    asked = true;
    child.kill('SIGINT');
  });
  const status = await new Promise((done) => child.on('exit', done));
  return { status, errors: ownErrors(errors) };
}

/** Writes four real and four fake images of segments 3 and 9 in the course's format. */
async function writeSegments(data: string): Promise<void> {
  mkdirSync(data);
  for (const segment of [3, 9]) {
    const { x } = simulateBrain({ segments: [segment], imagesPerClass: 4, seed: 1 });
    for (const [first, name] of ['real', 'fake'].entries()) {
      writeFileSync(join(data, `${name}_${segment}.gz`), await writeBrainImages(everySecond(x, first)));
    }
  }
}

describe('options', () => {
  test('defaults', () => {
    const options = parse();
    expect(options).toMatchObject({
      ...{ model: 'baseline', segments: [0, 1], testSegments: [7, 8, 9], batchSize: 32, seed: 0 },
      ...{ optimizer: 'adam', learningRate: 0.001, validationSplit: 0.2 },
    });
    expect(options.images).toBeGreaterThan(0);
    expect(options.epochs).toBeGreaterThan(0);
  });

  test.each([
    ['1', [1]],
    ['0,1', [0, 1]],
    ['0-3', [0, 1, 2, 3]],
    ['5,0-2', [5, 0, 1, 2]],
    ['1,1,0-1', [1, 0]],
  ])('--segments %s', (text, segments) => {
    expect(parse('--segments', text).segments).toEqual(segments);
  });

  test('the learning rate follows the optimizer, unless it is given', () => {
    expect(parse('--optimizer', 'sgd').learningRate).toBe(0.01);
    expect(parse('--optimizer', 'sgd', '--learning-rate', '2e-4').learningRate).toBe(2e-4);
  });

  test.each([
    ['--model', 'third', 'one of baseline, second'],
    ['--segments', '0-12', 'segments 0 to 9'],
    ['--segments', '3-1', 'segments 0 to 9'],
    ['--segments', '', 'segments 0 to 9'],
    ['--test-segments', '7,x', 'segments 0 to 9'],
    ['--epochs', '0', 'whole number from 1'],
    ['--epochs', '1.5', 'whole number'],
    ['--batch-size', '-4', 'whole number from 1'],
    ['--batch-size', '', 'whole number'],
    ['--images', '1e9', 'whole number'],
    ['--images', '100000000', 'memory'],
    ['--learning-rate', '0', 'above 0'],
    ['--learning-rate', 'fast', 'above 0'],
    ['--learning-rate', 'Infinity', 'above 0'],
    ['--validation-split', '1', 'below 1'],
    ['--runtime', 'deno', 'one of browser, node'],
    ['--optimizer', 'lion', 'one of sgd, rmsprop, adam, adamw'],
    ['--seed', 'x', 'whole number'],
    ['--data', 'nowhere', 'no such folder'],
    ['--out', '/dev/null/run', 'no folder'],
    ['--colour', 'red', 'unknown option'],
    ['baseline', '', 'too many arguments'],
  ])('%s %s is refused in one line', (flag, value, rule) => {
    const parsing = () => parse(flag, ...(value || flag.startsWith('--') ? [value] : []));
    expect(parsing).toThrow(UsageError);
    expect(parsing).toThrow(rule);
    expect(parsing).toThrow(/^[^\n]+$/);
  });

  test('--data names what is missing, and tests on what is there', () => {
    const data = join(folder, 'some');
    mkdirSync(data);
    for (const file of ['real_0.gz', 'fake_0.gz', 'real_1.gz', 'real_8.gz', 'fake_8.gz'])
      writeFileSync(join(data, file), '');
    mkdirSync(join(data, 'fake_1.gz')); // a folder is no file
    expect(() => parse('--data', 'some')).toThrow(/some: fake_1\.gz missing/);
    expect(() => parse('--data', 'some', '--segments', '0', '--test-segments', '8,9')).toThrow(
      /real_9\.gz, fake_9\.gz/,
    );
    const options = parse('--data', 'some', '--segments', '0');
    expect(options).toMatchObject({ data, segments: [0], testSegments: [8] });
    expect(options.images, 'all of the files').toBeUndefined();
  });

  test('--help shows every option, with defaults and examples', () => {
    let help = '';
    try {
      parse('--help');
    } catch (error) {
      expect(error).toBeInstanceOf(HelpRequest);
      help = (error as Error).message;
    }
    const flags = 'model data segments epochs batch-size learning-rate optimizer seed out'.split(' ');
    for (const flag of flags) expect(help).toContain(`--${flag} <`);
    expect(help).toMatch(/default: 0\.001/);
    expect(help).toMatch(/Examples:/);
  });
});

test('texts', () => {
  expect([0, 7.4, 59.6, 3723].map(clock)).toEqual(['0:00', '0:07', '1:00', '1:02:03']);
  expect([[0], [0, 1], [7, 2, 3, 4]].map(listSegments)).toEqual(['0', '0-1', '2-4,7']);
});

describe('npm run train', () => {
  test('bad values: a line, the usage, and exit code 2', () => {
    const { status, stdout, stderr } = run('--epochs', 'many');
    expect(stderr).toMatch(/^error: .*--epochs.*whole number.*\n\nUsage: npm run train -- \[options\]\n/);
    expect(stderr).not.toMatch(/^ {4}at /m); // a trace
    expect(stdout).toBe('');
    expect(status).toBe(2);
    // What files lack is no matter of usage.
    expect(run('--data', folder).stderr).toMatch(/^error: --data .* missing\.\n$/);
  });

  test('--help: exit code 0, and the presets by name', () => {
    const { status, stdout, stderr } = run('--help');
    expect(stderr).toBe('');
    expect(stdout.replace(/\s+/g, ' ')).toContain(`network to train: ${Object.keys(presets).join(', ')}`);
    expect(status).toBe(0);
  });

  test('trains on simulated images and leaves a run folder', () => {
    const out = join(folder, 'run');
    const sizes = ['--images', '8', '--test-images', '4', '--epochs', '2', '--batch-size', '8'];
    const { status, stdout, stderr } = run(...sizes, '--test-segments', '7-8', '--out', out);
    expect(stderr).toBe('');
    expect(status).toBe(0);
    expect(stdout).toMatch(/^data +simulated images/m);
    expect(stdout).toMatch(/^adapter .+/m);
    expect(stdout).toContain('Total params: 62,338');
    expect(stdout).toMatch(/epoch +loss +accuracy +val loss +val accuracy/);
    expect(stdout).toMatch(/^test accuracy [01]\.\d{4} on simulated images/m);
    expect(stdout).toMatch(/predicted real +predicted fake/);
    expect(stdout).toContain("images recovered from the course's figures");

    const metrics = JSON.parse(readFileSync(join(out, 'metrics.json'), 'utf8'));
    expect(metrics.data).toMatchObject({ source: 'simulated', trainingImages: 25, validationImages: 7 });
    expect(metrics.options).toMatchObject({ model: 'baseline', epochs: 2, batchSize: 8, images: 8 });
    expect(metrics.parameters).toBe(62338);
    for (const name of ['loss', 'accuracy', 'valLoss', 'valAccuracy', 'imagesPerSecond']) {
      expect(metrics.history[name]).toHaveLength(2);
      expect(metrics.history[name].every(Number.isFinite)).toBe(true);
    }
    expect(metrics.batches.loss).toHaveLength(2 * 4);
    expect(metrics.movement.map(({ name }: { name: string }) => name)).toEqual([
      ...['conv2d/kernel', 'conv2d/bias', 'dense/kernel', 'dense/bias'],
    ]);
    const [kernel, bias] = metrics.movement;
    expect(kernel.start).toBeCloseTo(Math.sqrt(2 / (25 + 25 * 32)), 2); // as Glorot draws it
    expect(bias.start).toBe(0);
    // Adam moves each weight by about the learning rate in each of the 8 steps.
    for (const { moved } of [kernel, bias]) expect(moved).toBeGreaterThan(1e-3);
    for (const { moved } of [kernel, bias]) expect(moved).toBeLessThan(8e-3);
    expect(stdout).toMatch(/^ +weight +size at first +moved by +relative$/m);
    expect(metrics.test.images).toBe(16);
    expect(metrics.test.confusion.flat().reduce((a: number, b: number) => a + b)).toBe(16);
    expect(metrics.test.segments.map(({ segment }: { segment: number }) => segment)).toEqual([7, 8]);

    const { tensors } = readSafetensors(readFileSync(join(out, 'model.safetensors')));
    expect([...tensors.values()].map(({ shape }) => shape.join('x'))).toContain('5x5x1x32');
    const picture = readFileSync(join(out, 'report.png'));
    expect(picture.subarray(0, 8)).toEqual(Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]));
    expect(picture.readUInt32BE(16), 'width').toBeGreaterThan(1000);
  });

  test("trains on files in the course's format, and says so", async () => {
    const data = join(folder, 'files');
    await writeSegments(data);
    const out = join(folder, 'files-run');
    const { status, stdout, stderr } = run('--data', data, '--segments', '3', '--epochs', '1', '--out', out);
    expect(stderr).toBe('');
    expect(status).toBe(0);
    expect(stdout).toContain(`test on the course's files in ${data}, segments 9`);
    expect(stdout).not.toContain('simulated');
    const metrics = JSON.parse(readFileSync(join(out, 'metrics.json'), 'utf8'));
    expect(metrics.data).toMatchObject({ source: 'course files', trainingImages: 6, validationImages: 2 });
    expect(metrics.test.images).toBe(8);
  });

  test('a damaged file: one line and exit code 1', () => {
    const data = join(folder, 'damaged');
    mkdirSync(data);
    for (const name of ['real_0.gz', 'fake_0.gz']) writeFileSync(join(data, name), 'no gzip');
    const { status, stderr } = run('--data', data, '--segments', '0');
    expect(stderr.trim()).toMatch(/^error: FormatError: .*$/);
    expect(stderr).toContain(`${join(data, 'real_0.gz')} is not a gzip file`); // the file, not where the page fetched it
    expect(status).toBe(1);
  });

  test('Ctrl-C: stops, saves nothing, exit code 130', async () => {
    const out = join(folder, 'stopped');
    const { status, errors } = await interrupted('--out', out);
    expect(errors).toBe('stopped: nothing was saved');
    expect(status).toBe(130);
    expect(existsSync(out)).toBe(false);
  });
});

describe('npm run train -- --runtime node', () => {
  const inNode = ['--runtime', 'node', '--model', 'improved'];

  test('trains on files without a browser, leaves out the picture and says why', async () => {
    const [data, out] = [join(folder, 'node-files'), join(folder, 'node-files-run')];
    await writeSegments(data);
    const where = ['--data', data, '--segments', '3', '--epochs', '2', '--batch-size', '4', '--out', out];
    const { status, stdout, stderr } = runWith({ NEURITE_BROWSER: '/nowhere/chrome' }, ...inNode, ...where);
    expect(ownErrors(stderr)).toMatch(
      /^note +no report\.png: NEURITE_BROWSER names \/nowhere\/chrome, which does not exist$/,
    );
    expect(status).toBe(0);
    expect(stdout).toMatch(/^adapter .+/m);
    expect(stdout).toContain(`test on the course's files in ${data}, segments 9`);
    expect(stdout).toMatch(/^saved metrics\.json and model\.safetensors in /m);
    expect(readdirSync(out).sort()).toEqual(['metrics.json', 'model.safetensors']);
    const metrics = JSON.parse(readFileSync(join(out, 'metrics.json'), 'utf8'));
    expect(metrics.options).toMatchObject({ runtime: 'node', model: 'improved' });
    expect(metrics.versions).toMatchObject({ node: process.version, webgpu: expect.stringMatching(/^\d+\.\d+/) });
    expect(metrics.data).toMatchObject({ source: 'course files', trainingImages: 6, validationImages: 2 });
    expect(metrics.history.loss.every(Number.isFinite)).toBe(true);
    expect(metrics.test.images).toBe(8);
    expect(readSafetensors(readFileSync(join(out, 'model.safetensors'))).tensors.size).toBeGreaterThan(0);
  });

  test('draws the picture where there is a browser', () => {
    const out = join(folder, 'node-run');
    const sizes = ['--images', '4', '--epochs', '1', '--test-segments', '7', '--test-images', '2'];
    const { status, stdout, stderr } = run(...inNode, ...sizes, '--out', out);
    expect(ownErrors(stderr)).toBe('');
    expect(status).toBe(0);
    expect(stdout).toMatch(/^saved metrics\.json, model\.safetensors and report\.png in /m);
    expect(readFileSync(join(out, 'report.png')).readUInt32BE(16), 'width').toBeGreaterThan(1000);
  });

  test('weights that run away: one line, which says what helps, and exit code 1', () => {
    const out = join(folder, 'node-runaway');
    const sizes = ['--images', '4', '--epochs', '3', '--batch-size', '4', '--test-segments', '7', '--test-images', '2'];
    const { status, stderr } = run(...inNode, ...sizes, '--optimizer', 'sgd', '--learning-rate', '1e12', '--out', out);
    expect(ownErrors(stderr)).toMatch(/^error: .* is not finite: .*[Ll]ower the learning rate.*$/);
    expect(status).toBe(1);
    expect(existsSync(out)).toBe(false);
  });

  test('a damaged file: one line and exit code 1', () => {
    const data = join(folder, 'node-damaged');
    mkdirSync(data);
    for (const name of ['real_0.gz', 'fake_0.gz']) writeFileSync(join(data, name), 'no gzip');
    const damaged = run(...inNode, '--data', data, '--segments', '0');
    expect(ownErrors(damaged.stderr)).toMatch(/^error: FormatError: .*real_0\.gz.*$/);
    expect(damaged.status).toBe(1);
  });

  test('no GPU: one line and exit code 1', (context) => {
    if (process.platform !== 'linux') context.skip('drivers are named by environment on Linux only');
    const none = runWith({ VK_DRIVER_FILES: '/nowhere.json' }, ...inNode);
    expect(ownErrors(none.stderr)).toMatch(
      /^error: no GPU that WebGPU can use \(tried VK_DRIVER_FILES=\/nowhere\.json\).*$/,
    );
    expect(none.status).toBe(1);
  });

  test('Ctrl-C: stops, saves nothing, exit code 130', async () => {
    const out = join(folder, 'node-stopped');
    expect(await interrupted(...inNode, '--out', out)).toEqual({ status: 130, errors: 'stopped: nothing was saved' });
    expect(existsSync(out)).toBe(false);
  });
});

/** The images with even, or with odd, numbers. */
function everySecond({ data, shape: [n, h, w, c] }: BrainImages, first: number): BrainImages {
  const size = h * w * c;
  const half = new Float32Array((n / 2) * size);
  for (let i = 0; i < n / 2; i++) half.set(data.subarray((2 * i + first) * size, (2 * i + first + 1) * size), i * size);
  return { data: half, shape: [n / 2, h, w, c] };
}
