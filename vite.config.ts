/**
 * One file, four uses, told apart by vite's mode: `test` (vitest), `lib` (the engine as a module), `examples` (served), and anything
 * else (the demo, served or built).
 */
import { createReadStream, existsSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import type { Plugin } from 'vite';
import { defineConfig, type ViteUserConfig } from 'vitest/config';
import { PAGES } from './demo/frame/pages.ts';
import { ENGINE, IN_NODE, leftOut, OF_PAGE, type ProjectName } from './test/projects.ts';
import { libraryOf } from './tools/vite-library.ts';
import { commonHead } from './tools/vite-pages.ts';
import { contentSecurityPolicy } from './tools/vite-security.ts';
import { shaders } from './tools/vite-shaders.ts';
import { watchedForks } from './tools/vitest-forks.ts';
import { killGpuProcess, puppeteer, usedHeap } from './tools/vitest-puppeteer.ts';

const at = (path: string) => resolve(import.meta.dirname, path);
// The first that fits is taken.
const resolveNeurite = {
  alias: {
    'neurite/augmentation': at('src/augmentation/index.ts'),
    'neurite/brain': at('src/brain/index.ts'),
    'neurite/selftest': at('src/selftest/index.ts'),
    'neurite/tensorboard': at('src/tensorboard/index.ts'),
    'neurite/vis': at('src/vis/index.ts'),
    'neurite/worker/start': at('src/worker/start.ts'),
    'neurite/worker': at('src/worker/index.ts'),
    neurite: at('src/index.ts'),
  },
};

/**
 * Serves the brain samples, which lie outside the repository and may be absent: a page or a browser test fetches
 * `/shared/brain/<file>` and gets its bytes as they are, or 404.
 */
function brainSamples(): Plugin {
  const prefix = '/shared/brain/';
  return {
    name: 'brain-samples',
    configureServer(server) {
      server.middlewares.use((request, response, next) => {
        const path = request.url?.split('?')[0] ?? '';
        if (!path.startsWith(prefix)) return next();
        const file = join(at('../shared/brain'), basename(path));
        response.setHeader('content-type', 'application/octet-stream');
        if (existsSync(file)) createReadStream(file).pipe(response);
        else response.writeHead(404).end();
      });
    },
  };
}

/** On a busy machine vite would warn of how long a plugin takes. */
const checks = { bundlerTimings: false };

/**
 * Code that comes at once and together is one file each: dozens of small ones, each compressed by itself, are larger by a tenth, and a
 * request each. What only some pages need stays apart from what all of them do.
 */
const together = {
  groups: [
    // What every page has: preact, its frame and its controls, and how pictures are painted.
    {
      name: 'frame',
      test: /node_modules\/@?preact|demo\/(frame|ui|format|gpu\/machine|draw\/(channelMap|pixels|picture)\.)|src\/vis\/(colormap|painter|format)\.|preload-helper/,
      tags: ['$initial' as const],
      priority: 2,
    },
    // The lab's first screen. What it shares with the machine's page, links and the protocol, is not in it.
    {
      name: 'bench',
      test: /demo\/lab\/(runs|state|bench|sections|frame|score|client|app)/,
      tags: ['$initial' as const],
      priority: 1,
      includeDependenciesRecursively: false,
    },
  ],
};

const site: ViteUserConfig = {
  root: at('demo'),
  base: './',
  resolve: resolveNeurite,
  plugins: [brainSamples(), shaders(at('shaders')), commonHead(at('demo')), contentSecurityPolicy()],
  worker: { format: 'es', plugins: () => [shaders(at('shaders'))] },
  server: { host: '127.0.0.1', fs: { allow: [at('.')] } }, // a secure context, which WebGPU asks for
  build: {
    target: 'es2022',
    outDir: at('dist/site'),
    emptyOutDir: true,
    modulePreload: { polyfill: false }, // for browsers of 2023 and before, which have no WebGPU either
    rolldownOptions: {
      checks,
      input: PAGES.map(({ name }) => at(`demo/${name}.html`)),
      output: { codeSplitting: together },
    },
  },
};

/** The examples, served from the root, so that their pages find the digits of the package `mnist`. Their only dependency is a module already. */
const examples: ViteUserConfig = {
  root: at('.'),
  appType: 'mpa',
  resolve: resolveNeurite,
  plugins: [shaders(at('shaders'))],
  worker: { format: 'es', plugins: () => [shaders(at('shaders'))] },
  server: { host: '127.0.0.1', watch: { ignored: ['.browser', 'dist', 'runs'].map((name) => `${at(name)}/**`) } },
  optimizeDeps: { noDiscovery: true },
};

/** Random cases that browsers try under `npm test`. */
const SAMPLE = 20;

/** What tests in Node need for a GPU. */
const inNode = ['test/support/dawn.ts', 'test/support/gpuErrors.ts'];

const { env } = process;
/** `npm run test:all`: each project runs whatever it can. */
const all = Boolean(env.NEURITE_ALL);
/** Random cases: see docs/testing.md. `npm test` tries the same few each time, in browsers fewer. */
const property = {
  cases: Number(env.NEURITE_CASES || 200),
  seed: Number(env.NEURITE_SEED || 1),
  path: env.NEURITE_PATH ?? '',
  steps: Number(env.NEURITE_STEPS || 1000),
};

/** Tests inside a page. */
function inPage(browser: 'chrome' | 'firefox', test: NonNullable<ViteUserConfig['test']>) {
  return {
    extends: true as const,
    // Named here, they are bundled before the first test: a dependency that vite meets late reloads the page.
    optimizeDeps: {
      include: [
        ...['@tensorflow/tfjs', 'axe-core', 'comlink', 'fast-check', 'uplot'],
        ...['@preact/signals', 'preact', 'preact/hooks', 'preact/jsx-dev-runtime', 'preact/test-utils'],
      ],
    },
    test: {
      ...test,
      ...ENGINES,
      setupFiles: ['test/support/gpuErrors.ts'],
      browser: {
        enabled: true,
        fileParallelism: false, // one tab of it
        headless: true,
        ui: false,
        screenshotFailures: false,
        provider: puppeteer(),
        commands: { killGpuProcess, usedHeap },
        api: { host: '127.0.0.1' },
        instances: [{ browser }],
      },
    },
  };
}

/** What a project runs of some files. @param apart files that another project has */
const filesOf = (name: ProjectName, include: readonly string[], apart: readonly string[] = []) => ({
  name,
  include: [...include],
  exclude: [...apart, ...leftOut(name, all)],
});

/**
 * Groups of projects, one group after the other, each with two processes: of a file in one the time is half waiting. Browsers, which
 * the engine's tests run in one after the other, stand beside Dawn's processes.
 */
const ENGINES = { sequence: { groupOrder: 1 }, maxWorkers: 2, fileParallelism: true };
const PAGE_AND_NODE = { sequence: { groupOrder: 2 }, maxWorkers: 2, fileParallelism: true };

/** A visitor's many clicks, and commands that start a Node of their own, may each wait for a busy machine. */
const PATIENT = { testTimeout: 180_000, expect: { poll: { timeout: 60_000 } } };

const tests: ViteUserConfig = {
  resolve: resolveNeurite,
  plugins: [brainSamples()],
  test: {
    testTimeout: 60_000, // software adapters are slow
    hookTimeout: 60_000,
    expect: { poll: { timeout: 20_000 } },
    pool: watchedForks,
    // Of concurrency.test.ts a run for each moment; twelve where visitors are, in Chrome.
    provide: { property, everyTurn: false, all },
    projects: [
      // `npm run test:deep`: the random cases alone, many of them, in Node.
      ...(env.NEURITE_DEEP
        ? [{ extends: true as const, test: { name: 'deep', include: ['test/property/*.test.ts'], setupFiles: inNode } }]
        : []),
      {
        extends: true,
        test: {
          ...filesOf('dawn', [...ENGINE, 'test/property/*.test.ts'], [IN_NODE]),
          setupFiles: inNode,
          ...ENGINES,
          isolate: false, // one device for all files of a process: Dawn takes a while to start
        },
      },
      inPage('firefox', { ...filesOf('firefox', ENGINE, [IN_NODE]), isolate: false }),
      {
        extends: true,
        test: { ...filesOf('node', [IN_NODE], [OF_PAGE]), ...PATIENT, ...PAGE_AND_NODE },
      },
      inPage('chrome', {
        ...filesOf('browser', ['test/**/*.test.ts'], [IN_NODE]),
        provide: {
          property: all ? property : { ...property, cases: Math.min(SAMPLE, property.cases) },
          everyTurn: true,
        },
      }),
      {
        extends: true,
        test: {
          ...filesOf('page', [OF_PAGE]),
          ...PATIENT,
          globalSetup: 'test/page/setup.ts',
          ...PAGE_AND_NODE,
        },
      },
    ],
  },
};

const byMode: Record<string, ViteUserConfig> = {
  test: tests,
  lib: libraryOf('neurite', 'es'),
  examples,
};

export default defineConfig(({ mode }) => byMode[mode] ?? site);
