/** The package as its users get it: what package.json promises is what the build makes. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { dirname, join, resolve, sep } from 'node:path';
import { pathToFileURL } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build } from 'vite';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createVitest } from 'vitest/node';
import { shaderInterface } from '../src/shader/shader.ts';
import { swiftShaderFolders } from '../tools/node/chromium.ts';
import { parseTestOptions } from '../tools/testOptions.ts';
import { ownErrors } from './support/process.ts';

const root = resolve(import.meta.dirname, '..');
const read = (path: string) => readFileSync(join(root, path), 'utf8');
const manifest = JSON.parse(read('package.json'));

/** What `neurite.js` may weigh, gzipped: what it does, so that growth is a decision. 40 is the aim; bench/README.md says what it consists of. */
const MOST_KB = 132;

describe('package.json', () => {
  test('has no runtime dependencies', () => {
    expect(manifest.dependencies ?? {}).toEqual({});
    expect(manifest.peerDependencies ?? {}).toEqual({});
  });

  test.each([
    'package-lock.json',
    'tools/chromium/package-lock.json',
    'tools/pack/package-lock.json',
    'tools/docs/package-lock.json',
  ])('%s names no registry', (path) => {
    expect(read(path)).not.toMatch(/"resolved"|https?:\/\/[^"]*\.tgz/);
  });

  test('package-lock.json has the packages of every platform', () => {
    const packages: Record<string, { optionalDependencies?: object }> = JSON.parse(read('package-lock.json')).packages;
    const wanted = Object.values(packages).flatMap(({ optionalDependencies }) =>
      Object.keys(optionalDependencies ?? {}),
    );
    const missing = wanted.filter(
      (name) => !Object.keys(packages).some((path) => path.endsWith(`node_modules/${name}`)),
    );
    expect(wanted.length).toBeGreaterThan(0);
    expect(missing).toEqual([]);
  });

  test('the package holds what is built, without the site and the packed benchmarks', {
    timeout: 60_000,
  }, () => {
    const folder = mkdtempSync(join(tmpdir(), 'neurite-package-'));
    writeFileSync(join(folder, 'package.json'), read('package.json'));
    const library = ['brain.cjs', 'neurite.iife.js', 'neurite.js', 'neurite.js.map', 'types/index.d.ts'];
    for (const path of [...library, 'site/index.html', 'site/docs/index.html', 'pack/bench.sh', 'pack/bench.mjs']) {
      mkdirSync(dirname(join(folder, 'dist', path)), { recursive: true });
      writeFileSync(join(folder, 'dist', path), 'x');
    }
    const pack = ['pack', '--dry-run', '--json', '--ignore-scripts'];
    const { status, stdout } = spawnSync('npm', pack, { cwd: folder, encoding: 'utf8', shell: true });
    rmSync(folder, { recursive: true });
    expect(status).toBe(0);
    const [{ files }]: [{ files: { path: string }[] }] = JSON.parse(stdout);
    expect(files.map(({ path }) => path).sort()).toEqual([...library.map((path) => `dist/${path}`), 'package.json']);
  });

  test('every public command goes through tools/run.mjs, which sets up what is missing', () => {
    for (const command of ['train', 'build', 'test', 'start', 'bench']) {
      expect(manifest.scripts[command]).toBe(`node tools/run.mjs ${command}`);
    }
    expect(manifest.scripts['test:all']).toBe('node tools/run.mjs test --all');
    // `npm pack` and `npm publish` build first.
    expect(manifest.scripts.prepack).toBe('node tools/run.mjs build --library');
  });
});

describe('what a command does not know', () => {
  const run = (line: string) =>
    spawnSync(process.execPath, ['tools/run.mjs', ...line.split(' ')], { cwd: root, encoding: 'utf8' });
  /** How its help calls a command of tools/run.mjs. */
  const usageOf = (line: string) => {
    const [command] = line.split(' ') as [string];
    const script =
      {
        test: 'test',
        start: 'start',
        pack: 'run bench:pack',
        pictures: 'run bench:pictures',
        deep: 'run test:deep',
        consumers: 'run test:consumers',
      }[command] ?? `run ${command}`;
    return `^Usage: npm ${script} -- `;
  };

  test.each([
    'start --bogus',
    'build --bogus',
    'build bogus',
    'screenshots --bogus',
    'bench --bogus',
    'bench --batches 0',
    'bench --only ,',
    'bench --only z',
    'pack --bogus',
    'pictures --rounds -1',
    'check --bogus',
    'check src',
    'consumers --bogus',
    'train --bogus',
    'train bogus',
    'train --epochs many',
    'test --bogus',
    'test -z test/ops',
    'test --project node --projekt=dawn',
    'test --no-bogus',
    'test --project nod',
    'test -t',
    'test --reporter',
  ])('%s: exit code 2, and how it is used', (line) => {
    const { status, stdout, stderr } = run(line);
    expect(stderr).toMatch(new RegExp(`^error: [^]*${usageOf(line)}`, 'm'));
    expect(stderr).not.toMatch(/^ {4}at /m); // a trace
    expect(stdout).toBe('');
    expect(status).toBe(2);
  });

  test.each([
    'start --help',
    'build --help',
    'screenshots --help',
    'bench --help',
    'pack --help',
    'check --help',
    'consumers --help',
    'train --help',
    'deep --help',
    'test --help',
    'test --project node -h',
  ])('%s: exit code 0', (line) => {
    const { status, stdout, stderr } = run(line);
    expect(stdout).toMatch(new RegExp(usageOf(line)));
    expect(stderr).toBe('');
    expect(status).toBe(0);
  });

  // Vitest refuses projects of one group that have different numbers, and a project without one has one less than there are cores.
  test('npm test uses as many workers on every machine: two, and one for each browser', {
    timeout: 60_000,
  }, async () => {
    const vitest = await createVitest('test', { watch: false });
    const workers = vitest.projects.map(({ name, config }) => [
      name,
      config.browser.enabled && !config.browser.fileParallelism ? 1 : config.maxWorkers,
    ]);
    await vitest.close();
    expect(Object.fromEntries(workers)).toEqual({
      node: 2,
      page: 2,
      dawn: 2,
      'browser (chrome)': 1,
      'firefox (firefox)': 1,
    });
  });

  test("npm test takes vitest's options: its version comes at once", () => {
    expect(run('test --version')).toMatchObject({ status: 0, stdout: expect.stringMatching(/^vitest\/\S+ /) });
    expect(
      parseTestOptions(['--project', 'node', '--project=!dawn*', '-t', 'a b', 'test/x', '--reporter=dot']),
    ).toEqual(
      expect.objectContaining({
        filter: ['test/x'],
        options: expect.objectContaining({ project: ['node', '!dawn*'], testNamePattern: 'a b', reporter: ['dot'] }),
      }),
    );
    // Of several words, of groups, negated, short.
    const more = ['--test-timeout', '9', '--sequence.seed=3', '--no-isolate', '-u', '--bail=2', '--browser.headless'];
    expect(parseTestOptions(more).options).toMatchObject({ testTimeout: 9, sequence: { seed: 3 }, isolate: false });
  });
});

describe('the files of the repository', () => {
  const { stdout } = spawnSync('git', ['ls-files', '-z'], { cwd: root, encoding: 'utf8' });
  const names = stdout.split('\0').filter((name) => name && existsSync(join(root, name)));
  const texts = names
    .map((name) => [name, readFileSync(join(root, name))] as const)
    .filter(([, text]) => !text.includes(0));
  const linesWith = (pattern: RegExp) =>
    texts.flatMap(([name, text]) =>
      text
        .toString()
        .split('\n')
        .flatMap((line, i) => (pattern.test(line) ? [`${name}:${i + 1}: ${line.trim().slice(0, 100)}`] : [])),
    );

  test('name no registry: a clone installs from the one that its user has', () => {
    expect(texts.length).toBeGreaterThan(300);
    expect(
      linesWith(/\bregistry\s*=|_auth(?:Token)?\s*=|registry[.][a-z]+[.]|npm[.]pkg[.]|[.](?:artifactory|jfrog)[.]/i),
    ).toEqual([]);
  });

  test('name no folder of the machine that they were written on', () => {
    const place = root.split(sep).slice(0, 3).join(sep);
    const folders = [place, homedir()].filter((folder) => folder.length > 1);
    const literal = folders.map((folder) => folder.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
    expect(linesWith(new RegExp(`(?<![\\w.~-])(?:${literal.join('|')})[/\\\\]`))).toEqual([]);
  });

  test('try no test again that has failed', () => {
    expect(linesWith(/\bretry\s*:/)).toEqual([]);
  });

  test('install without scripts', () => {
    expect(read('tools/run.mjs')).toMatch(/npm ci --ignore-scripts/);
    expect(read('tools/browser.ts')).toMatch(/'ci', '--ignore-scripts'/);
    for (const name of ['preinstall', 'install', 'postinstall', 'prepare'])
      expect(manifest.scripts).not.toHaveProperty(name);
  });
});

describe('npm run build', () => {
  const outDir = mkdtempSync(join(tmpdir(), 'neurite-build-'));
  const node = (...args: string[]) => {
    const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: root, encoding: 'utf8' });
    expect(stderr.trim(), `${args.join(' ')} ended with status ${status}: ${stdout}`).toBe('');
    expect(status).toBe(0);
    return stdout.trim();
  };

  let printed = '';
  beforeAll(() => {
    for (const folder of ['pack', 'site', 'types']) {
      mkdirSync(join(outDir, folder));
      writeFileSync(join(outDir, folder, 'earlier'), '');
    }
    printed = node('--import', 'tsx', 'tools/build.ts', '--library', '--out', outDir);
  });
  afterAll(() => rmSync(outDir, { recursive: true, force: true }));

  const ENTRIES = [
    ...([
      '.',
      './augmentation',
      './brain',
      './selftest',
      './tensorboard',
      './vis',
      './worker',
      './worker/start',
    ] as const),
  ] as const;
  const built = (entry: (typeof ENTRIES)[number], kind: 'default' | 'types') =>
    join(outDir, manifest.exports[entry].import[kind].replace('./dist/', ''));

  test('says what it wrote, and nothing else', () => {
    const size = '[\\d.]+ KB, gzipped [\\d.]+ KB';
    const lines = printed.split('\n').map((line) => line.replace(`${outDir}${sep}`, ''));
    expect(lines).toEqual([
      ...[
        ...['neurite.js', 'neurite.cjs', 'neurite.iife.js', 'augmentation.js', 'augmentation.cjs'],
        ...['brain.js', 'brain.cjs', 'selftest.js', 'selftest.cjs'],
        ...['tensorboard.js', 'tensorboard.cjs', 'vis.js', 'vis-uplot.js', 'vis.cjs', 'vis-uplot.cjs'],
        ...['worker.js', 'worker.cjs', 'worker-start.js', 'worker-start.cjs'],
      ].map((file) => expect.stringMatching(`^${file.replaceAll('.', '\\.')}  ${size}$`)),
      `types${sep}`,
    ]);
  });

  test('replaces what it made before, and leaves alone what others did', () => {
    expect(existsSync(join(outDir, 'types/earlier'))).toBe(false);
    for (const other of ['pack', 'site']) expect(existsSync(join(outDir, other, 'earlier'))).toBe(true);
  });

  test('makes one module at the place that `exports` names, which imports nothing, but augmentation where a file asks for it', async () => {
    const file = built('.', 'default');
    const code = readFileSync(file, 'utf8');
    const late = /\bimport\(`\.\/augmentation\.js`\)/;
    expect(code).toMatch(late);
    expect(code.replace(late, '')).not.toMatch(
      /\bimport\s*[({'"*\w][^;]*?\bfrom\b|\bimport\s*['"(]|\bexport\b[^;]*?\bfrom\s*['"]/,
    );
    expect(code, 'shaders are inlined').toContain('@compute');
    expect(Object.keys(await import(/* @vite-ignore */ file)).length).toBeGreaterThan(0);
  });

  test(`makes an engine of less than ${MOST_KB} KB, gzipped, all shaders among it`, () => {
    const code = readFileSync(built('.', 'default'));
    const size = gzipSync(code, { level: 9 }).length;
    console.log(`neurite.js: ${code.length} bytes, ${size} gzipped`);
    expect(size).toBeLessThan(MOST_KB * 1000);
  });

  test('ships every shader minified, with the interface of its file', async () => {
    const code = (['.', './augmentation'] as const)
      .map((entry) => readFileSync(built(entry, 'default'), 'utf8'))
      .join('');
    const folder = join(root, 'shaders');
    const entryPoints = readdirSync(folder).flatMap((file) => {
      const shader = { name: file, source: readFileSync(join(folder, file), 'utf8') };
      return [...shaderInterface(shader).entryPoints];
    });
    expect(code.match(/@compute@workgroup_size\(\w+(?:,\w+)*\)fn \w+/g)!.length).toBe(entryPoints.length);
    expect(code).not.toMatch(/\boverride \w+: /);
  });

  test("makes the course's data a module beside it, on the same engine", async () => {
    const [engine, brain] = await Promise.all(
      (['.', './brain'] as const).map((entry) => import(/* @vite-ignore */ built(entry, 'default'))),
    );
    expect(Object.keys(brain).filter((name) => name in engine)).toEqual([]);
    expect(() => brain.simulateBrain({ segments: [99], imagesPerClass: 1, seed: 1 })).toThrow(engine.ArgumentError);
    expect(engine.sequential(brain.presets.baseline()).countParams()).toBe(62_338);
  });

  /** Runs the code below a heading of the documents in Node, on software. @param changes texts of it, and what stands there instead */
  const runFromDocs = (path: string, heading: string, changes: Record<string, string> = {}): string => {
    const [, block] = new RegExp(`## ${heading}\\n.*?\`\`\`js\\n(.*?)\`\`\``, 's').exec(read(path))!;
    const url = (file: string) => `'${pathToFileURL(join(outDir, file)).href}'`;
    let script = block!
      .replace("'neurite'", url('neurite.js'))
      .replace(/'neurite\/(\w+)'/g, (_, name: string) => url(`${name}.js`));
    for (const [text, other] of Object.entries(changes)) {
      expect(script).toContain(text);
      script = script.replace(text, other);
    }
    const [folder] = swiftShaderFolders();
    const software =
      folder && !process.env.VK_DRIVER_FILES
        ? { LD_LIBRARY_PATH: folder, VK_DRIVER_FILES: join(folder, 'vk_swiftshader_icd.json') }
        : {};
    const { status, stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
      cwd: root,
      encoding: 'utf8',
      env: { ...process.env, ...software },
      timeout: 50_000,
    });
    expect(ownErrors(stderr)).toBe('');
    expect(status).toBe(0);
    return stdout;
  };

  test('the module runs in Node on the npm package webgpu, as the docs say', () => {
    expect(runFromDocs('docs/browsers.md', 'Node')).toMatch(/^Float32Array\(1\) \[ (8\.9|9\.0)\d* \]$/m);
  });

  test('so does the self-test, with the shaders as they are shipped', { timeout: 50_000 }, () => {
    const text = runFromDocs('docs/accuracy.md', 'The self-test', {
      'selfTest(device)': "selfTest(device, { ops: ['relu', 'training'] })",
    });
    expect(text).toMatch(/^## neurite self-test: all [4-9] runs are right\n/m);
  });

  test('so does a training whose curves TensorBoard shows: a run of training and one of validation', () => {
    const runs = join(outDir, 'runs');
    runFromDocs('docs/tensorboard.md', 'Write the files', { "'runs/a line'": JSON.stringify(join(runs, 'a line')) });
    for (const run of ['train', 'validation']) {
      const [file, ...more] = readdirSync(join(runs, 'a line', run));
      expect(more).toEqual([]);
      const text = readFileSync(join(runs, 'a line', run, file!), 'latin1');
      expect(text.match(/epoch_loss/g)).toHaveLength(20);
    }
  });

  test('loadModel finds the layers of augmentation by itself, with import, require and in a classic script', () => {
    const file = `neurite.writeSafetensors([], { neurite: JSON.stringify({
      version: 1, seed: 0, loss: null, metrics: [], iterations: 0, epochs: 0, learningRate: null,
      layers: [{ type: 'randomFlip', options: { inputShape: [4, 4, 1] } }],
      optimizer: { name: 'sgd', config: neurite.sgd().config },
    }) })`;
    // Without a GPU: past the layers, it is the device that is missing.
    const script = `await neurite.loadModel(${file}).catch((error) => console.log(error.name));`;
    const path = (name: string) => JSON.stringify(join(outDir, name));
    const heads = [
      `const neurite = await import(${path('neurite.js')});`,
      `const neurite = (await import('node:module')).createRequire(import.meta.url)(${path('neurite.cjs')});`,
      `const code = (await import('node:fs')).readFileSync(${path('neurite.iife.js')}, 'utf8');
       const neurite = new Function(\`\${code}\\nreturn neurite;\`)();`,
    ];
    for (const head of heads) expect(node('--input-type=module', '-e', `${head}\n${script}`)).toBe('DeviceError');
  });

  test('a page that imports a layer of augmentation gets its shader, and none of the others', {
    timeout: 60_000,
  }, async () => {
    const entry = join(outDir, 'page.js');
    const bundled = async (code: string) => {
      writeFileSync(entry, code);
      const result = await build({
        configFile: false,
        logLevel: 'error',
        build: { write: false, rolldownOptions: { input: entry } },
      });
      const { output } = result as { output: { type: string; isEntry?: boolean; code?: string; fileName: string }[] };
      const chunks = output.filter(({ type }) => type === 'chunk');
      return { first: chunks.find(({ isEntry }) => isEntry)!.code!, late: chunks.filter(({ isEntry }) => !isEntry) };
    };
    const plain = await bundled(`import { sequential } from './neurite.js'; console.log(sequential);`);
    expect(plain.first).not.toContain('A_SPAN');
    const one = await bundled(`import { cutout } from './augmentation.js'; console.log(cutout);`);
    expect(one.first).toContain('override RH');
    expect(one.first).not.toContain('A_SPAN');
  });

  test.each([
    ['./augmentation', []],
    ['./selftest', ['./augmentation.js']],
    ['./tensorboard', []],
  ] as const)('%s is a module beside the engine, too, with little of its own', async (entry, more) => {
    const code = readFileSync(built(entry, 'default'), 'utf8');
    if (entry !== './augmentation') expect(code).not.toContain('@compute');
    const from = [...code.matchAll(/\bfrom\s*['"]([^'"]+)/g)].map(([, module]) => module);
    expect(from).toEqual(['./neurite.js', ...more]);
    const [engine, own] = await Promise.all(
      (['.', entry] as const).map((name) => import(/* @vite-ignore */ built(name, 'default'))),
    );
    expect(Object.keys(own).filter((name) => name in engine)).toEqual([]);
  });

  test("a page's part of a model in a worker has no engine, and an error of it is one of the engine's", async () => {
    const file = built('./worker', 'default');
    const code = readFileSync(file, 'utf8');
    expect(code).not.toContain('@compute');
    expect(code).not.toMatch(/(^|[;}\n])(import|export)\b[^;]*?\bfrom\b|\bimport\s*\(|(^|[;}\n])import\s*['"`]/);
    // What it is for: arrays that print as numpy's do are a quarter, checks of arguments and pictures another one.
    expect(gzipSync(code, { level: 9 }).length).toBeLessThan(14_000);
    // A bundler looks for this very text.
    expect(code).toContain('new Worker(new URL("./worker-start.js",import.meta.url)');
    expect(readFileSync(file.replace(/js$/, 'cjs'), 'utf8')).not.toContain('import.meta');
    const start = readFileSync(built('./worker/start', 'default'), 'utf8');
    expect(new Set([...start.matchAll(/\bfrom\s*['"`]([^'"`]+)/g)].map(([, from]) => from))).toEqual(
      new Set(['./neurite.js']),
    );
    const [engine, worker] = await Promise.all(
      (['.', './worker'] as const).map((name) => import(/* @vite-ignore */ built(name, 'default'))),
    );
    const error = await worker.remote([worker.layers.dense({ units: 1 })]).catch((caught: Error) => caught);
    expect(error).toBeInstanceOf(engine.DeviceError);
    expect(error).toBeInstanceOf(engine.NeuriteError);
    expect(error).not.toBeInstanceOf(engine.ArgumentError);
    expect(error.message).toMatch(/^remote: there are no web workers here/);
    expect(new worker.MemoryLimitError('m', 5)).toBeInstanceOf(engine.ArgumentError);
    class Mine extends (engine.DeviceError as new (message: string) => Error) {}
    expect(error).not.toBeInstanceOf(Mine);
    expect(new Mine('m')).toBeInstanceOf(worker.DeviceError);
    expect(new Mine('m').name).toBe('DeviceError');
  });

  test('makes declarations that a strict user of the package can compile against', () => {
    const user = join(outDir, 'user.mts');
    const modules = ENTRIES.map((entry) => built(entry, 'types').slice(outDir.length + 1));
    const names = modules.map((path) => path.replace('.d.ts', '.js'));
    // Of names that two entries have, layers and errors, one alone.
    const reexports = names.map((name, i) => `export * as entry${i} from './${name}';\n`).join('');
    writeFileSync(user, reexports + userOfTypes(`./${names[0]}`));
    node(
      ...['node_modules/typescript/bin/tsc', '--noEmit', '--strict', '--module', 'nodenext', '--target', 'es2022'],
      ...['--lib', 'es2023,dom', '--ignoreConfig', user],
    );
  });
});

/** A program that names the types of what the engine's functions take and give. */
function userOfTypes(engine: string): string {
  const types = [
    ...[
      'CompileOptions',
      'EvaluateOptions',
      'FitOptions',
      'LossName',
      'MetricName',
      'TrainingData',
      'NamedWeight',
      'NamedWeights',
    ],
    ...[
      'ActivationName',
      'ActivationOptions',
      'BatchNormalizationOptions',
      'Conv2dLayerOptions',
      'DenseOptions',
      'Layer',
      'LayerOptions',
    ],
    ...[
      'DepthwiseConv2dOptions',
      'DropoutLayerOptions',
      'PoolLayerOptions',
      'ReshapeOptions',
      'ZeroPadding2dOptions',
      'Initializer',
    ],
    ...['Weight', 'WeightSpec', 'Padding', 'Pair', 'WindowOptions', 'OutputSpec', 'Target', 'Shader'],
    ...['PlanOptions', 'PlannedBinding', 'PlannedDispatch', 'Lifetime', 'Storage'],
  ];
  return `import { type ${types.join(', type ')}, layers, sequential } from '${engine}';
    const kernelInitializer: Initializer = 'heNormal';
    const dense: DenseOptions = { units: 2, kernelInitializer, inputShape: [3] };
    const model = sequential([layers.dense(dense)]);
    const loss: LossName = 'meanSquaredError';
    const compiling: CompileOptions = { loss };
    const training: FitOptions = { epochs: 3 };
    const testing: EvaluateOptions = { batchSize: 3 };
    const data: TrainingData = { x: { data: new Float32Array(3), shape: [1, 3] }, y: [1] };
    export const used = async (): Promise<readonly NamedWeight[]> => {
      await model.compile(compiling);
      await model.fit(data, training);
      await model.evaluate(data, testing);
      const first: Layer | undefined = model.layers[0];
      return first ? model.getWeights() : [];
    };
    export type Named = [${types.join(', ')}];
`;
}
