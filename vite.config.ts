/**
 * One file, three uses, told apart by vite's mode: `test` (vitest), `lib` (the engine as a library), and anything else
 * (the demo, served or built).
 */
import { createReadStream, existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import type { Plugin } from 'vite';
import { defineConfig, type ViteUserConfig } from 'vitest/config';
import { killGpuProcess, puppeteer } from './tools/vitest-puppeteer.ts';

const at = (path: string) => resolve(import.meta.dirname, path);
const resolveNeurite = { alias: { neurite: at('src/index.ts') } };

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

/**
 * Shaders for shipping: `x.wgsl?raw` without its comments. Lines stay where they are, so that
 * compilers' messages point into the file. `x.wgsl?source` is the whole text, for people.
 */
function shaders(): Plugin {
  return {
    name: 'shaders',
    enforce: 'pre',
    async load(id) {
      const match = /^(.*\.wgsl)\?(raw|source)$/.exec(id);
      if (!match) return undefined;
      const text = await readFile(match[1]!, 'utf8');
      const shipped = match[2] === 'raw' ? text.replace(/\/\/.*/g, '').replace(/[ \t]+$/gm, '') : text;
      return `export default ${JSON.stringify(shipped)};`;
    },
  };
}

const library: ViteUserConfig = {
  publicDir: false,
  plugins: [shaders()],
  build: {
    target: 'es2022',
    emptyOutDir: false,
    outDir: at('dist'),
    lib: { entry: at('src/index.ts'), formats: ['es'], fileName: () => 'neurite.js' },
    rolldownOptions: { output: { minify: true } }, // vite by itself keeps the white space of an ES library
  },
};

const site: ViteUserConfig = {
  root: at('demo'),
  base: './',
  resolve: resolveNeurite,
  plugins: [brainSamples(), shaders()],
  worker: { format: 'es', plugins: () => [shaders()] },
  server: { host: '127.0.0.1', fs: { allow: [at('.')] } }, // a secure context, which WebGPU asks for
  build: { target: 'es2022', outDir: at('dist/site'), emptyOutDir: true },
};

const tests: ViteUserConfig = {
  resolve: resolveNeurite,
  plugins: [brainSamples()],
  test: {
    testTimeout: 60_000, // software adapters are slow
    hookTimeout: 60_000,
    projects: [
      { extends: true, test: { name: 'node', include: ['test/**/*.node.test.ts'] } },
      {
        extends: true,
        test: {
          name: 'dawn',
          include: ['test/device.test.ts', 'test/{core,ops,nn,model}/*.test.ts'],
          exclude: [
            'test/**/*.node.test.ts',
            'test/model/mnist.test.ts', // fetches its digits from the page's server
            'test/model/parity.test.ts', // most of its time is TensorFlow.js on the CPU, once is enough
          ],
          setupFiles: ['test/support/dawn.ts', 'test/support/gpuErrors.ts'],
          // One process and one device for all files: there is one GPU, and Dawn takes a while to start.
          fileParallelism: false,
          isolate: false,
        },
      },
      {
        extends: true,
        // Named here, they are bundled before the first test: a dependency that vite meets late reloads the page.
        optimizeDeps: { include: ['@tensorflow/tfjs', 'comlink', 'fast-check'] },
        test: {
          name: 'browser',
          include: ['test/**/*.test.ts'],
          exclude: ['test/**/*.node.test.ts'],
          setupFiles: ['test/support/gpuErrors.ts'],
          fileParallelism: false, // there is one GPU process
          browser: {
            enabled: true,
            headless: true,
            ui: false,
            screenshotFailures: false,
            provider: puppeteer(),
            commands: { killGpuProcess },
            api: { host: '127.0.0.1' },
            instances: [{ browser: 'chrome' }],
          },
        },
      },
    ],
  },
};

export default defineConfig(({ mode }) => (mode === 'test' ? tests : mode === 'lib' ? library : site));
