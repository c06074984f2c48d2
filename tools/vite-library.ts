/**
 * How vite builds what the package holds: the engine, and beside it the layers of augmentation, the course's data, the self-test, files
 * for TensorBoard, drawings, and the worker.
 */
import { dirname, resolve } from 'node:path';
import type { Plugin, UserConfig } from 'vite';
import { shaders } from './vite-shaders.ts';

const root = resolve(import.meta.dirname, '..');
const at = (path: string) => resolve(root, path);

/** A module for `import`, one for `require`, and a classic script that makes a global variable. */
export type Format = 'es' | 'cjs' | 'iife';

/** What a file of each format is called. A package of modules tells CommonJS by the ending. */
const ENDINGS: Readonly<Record<Format, string>> = { es: '.js', cjs: '.cjs', iife: '.iife.js' };

interface Entry {
  readonly source: string;
  /** The files that are built into it, where the engine stands beside it; without these it is the engine itself. */
  readonly own?: RegExp;
  readonly formats: readonly Format[];
  /** Modules that it loads when they are needed. */
  readonly late?: readonly string[];
}

export type EntryName =
  | 'neurite'
  | 'augmentation'
  | 'brain'
  | 'selftest'
  | 'tensorboard'
  | 'vis'
  | 'worker'
  | 'worker-start';

export const ENTRIES: Readonly<Record<EntryName, Entry>> = {
  neurite: { source: 'src/index.ts', formats: ['es', 'cjs', 'iife'] },
  /** Layers with their ops and shaders, and of the engine how arguments and shapes are checked. */
  augmentation: {
    source: 'src/augmentation/index.ts',
    own: /\/(shaders\/|src\/(augmentation\/|ops\/(perExample|random\w+|window)\.ts|nn\/layers\/checks\.ts|(options|shown|tensor)\.ts))/,
    formats: ['es', 'cjs'],
  },
  /** The course's modules, and what they may hold a copy of; all else in src/ they have of the engine. */
  brain: {
    source: 'src/brain/index.ts',
    own: /\/src\/(brain\/|(random|options|shown|io\/(bytes|fileKind|json))\.ts$)/,
    formats: ['es', 'cjs'],
  },
  /** The self-test's: its cases and references, and of the engine how arguments are checked, as above. */
  selftest: {
    source: 'src/selftest/index.ts',
    own: /\/src\/(selftest\/|(options|shown|nn\/execute\/devices|runtime\/withTimeout)\.ts$)/,
    formats: ['es', 'cjs'],
  },
  /** Files for TensorBoard, and of the engine how arguments are checked. */
  tensorboard: {
    source: 'src/tensorboard/index.ts',
    own: /\/src\/(tensorboard\/|(options|shown)\.ts$)/,
    formats: ['es', 'cjs'],
  },
  /** Drawings, and of the engine how arguments are checked. */
  vis: {
    source: 'src/vis/index.ts',
    own: /\/src\/(vis\/|(options|shown)\.ts$)/,
    formats: ['es', 'cjs'],
    late: ['uplot'],
  },
  /** The page's part of a model in a worker: no engine, so that a page loads none, but copies of what it takes of it. */
  worker: {
    source: 'src/worker/index.ts',
    own: /\/src\/(worker\/|data\/|ndarray\/|(errors|options|otherNames|shown|tensor|io\/bytes|nn\/summary)\.ts$|nn\/(train\/(callbacks|arguments)|file\/places\/download)\.ts$)/,
    formats: ['es', 'cjs'],
  },
  /** The worker's part, on the engine beside it. */
  'worker-start': {
    source: 'src/worker/start.ts',
    own: /\/src\/(worker\/|shown\.ts$)/,
    formats: ['es', 'cjs'],
  },
};

function fileOf(name: string, format: Format): string {
  return `${name}${ENDINGS[format]}`;
}

/** The files of an entry: itself, and beside it what it loads late. */
export function filesOf(name: EntryName, format: Format): readonly string[] {
  const late = (ENTRIES[name].late ?? []).map((module) => `${name}-${module}`);
  return [name, ...late].map((file) => fileOf(file, format));
}

/** What is loaded beside the engine: by it where a model's file asks for it, and by the self-test. A classic script holds a copy. */
const AUGMENTATION = /\/src\/augmentation\/index\.ts$/;

/**
 * Leaves the engine out of a build, so that the page has one: an error's class, for one, must be the same everywhere.
 * @param own the files that are no part of it; in the engine's own build, all but those that stand beside it
 */
function engineBeside(own: RegExp, format: Format): Plugin {
  return {
    name: 'engine-beside',
    enforce: 'pre',
    resolveId(source, importer) {
      if (!importer || !source.startsWith('.')) return undefined;
      const file = resolve(dirname(importer), source);
      if (own.test(file) || importer.includes('node_modules')) return undefined;
      return { id: `./${fileOf(AUGMENTATION.test(file) ? 'augmentation' : 'neurite', format)}`, external: true };
    },
  };
}

/**
 * What the engine loads when it needs it, a bundler of the site keeps apart. Where all of it is one file, it is a part like any other:
 * left as it is, each such part would become a function that is run at its first use, and the file 3 % larger.
 * @param taken the files that come along, by their paths
 */
export function inOneFile(taken: RegExp): Plugin {
  return {
    name: 'in-one-file',
    enforce: 'pre',
    transform(code, id) {
      if (!id.startsWith(at('src/'))) return undefined;
      const parts: string[] = [];
      const text = code.replace(/\bimport\('(\.[^']+)'\)/g, (whole, source: string) => {
        if (!taken.test(resolve(dirname(id), source))) return whole;
        parts.push(`import * as part${parts.length} from '${source}';`);
        return `Promise.resolve(part${parts.length - 1})`;
      });
      if (parts.length === 0) return undefined;
      // What is put before the first line leaves all lines where they were: each is that of the source.
      const mappings = code.split('\n').map((_, line) => (line === 0 ? 'AAAA' : 'AACA'));
      const map = { version: 3, sources: [id], sourcesContent: [code], names: [], mappings: mappings.join(';') };
      return { code: parts.join('') + text, map };
    },
  };
}

/** Of the engine's build: everything, but what it loads late, where a module can. */
const ofEngine = (format: Format) => (format === 'iife' ? /./ : /^(?!.*\/src\/augmentation\/)/);

/**
 * Leaves the address of the worker's file to the bundler of the page, which looks for this very expression in the text; vite would
 * look for the file now. CommonJS has no address of its own.
 */
function workerBeside(format: Format): Plugin {
  const file = JSON.stringify(`./${fileOf('worker-start', format)}`);
  const expression = `new URL(${file},import.meta.url)`;
  const inItsPlace = '__WORKER'.padEnd(expression.length, '_'); // as long, so that the source map stays right
  const changes = [
    ["new URL('./start.ts', import.meta.url)", format === 'es' ? inItsPlace : 'undefined'],
    ["'./start.ts'", file],
    ['import.meta.url', format === 'es' ? 'import.meta.url' : 'undefined'],
  ] as const;
  return {
    name: 'worker-beside',
    enforce: 'pre',
    transform(code, id) {
      if (!id.endsWith('/src/worker/spawn.ts')) return undefined;
      let changed = code;
      for (const [text, other] of changes) {
        if (!changed.includes(text)) throw new Error(`${id} does not have ${text}`);
        changed = changed.replaceAll(text, other);
      }
      // The lines stay where they are.
      const mappings = code.split('\n').map((_line, i) => (i === 0 ? 'AAAA' : 'AACA'));
      return {
        code: changed,
        map: { version: 3, sources: [id], sourcesContent: [code], names: [], mappings: mappings.join(';') },
      };
    },
    generateBundle(_, bundle) {
      for (const chunk of Object.values(bundle)) {
        if (chunk.type === 'chunk') chunk.code = chunk.code.replace(inItsPlace, expression);
      }
    },
  };
}

/** The build of one file. */
export function libraryOf(name: EntryName, format: Format) {
  const { source, own, late } = ENTRIES[name];
  return {
    publicDir: false,
    plugins: [
      ...(late ? [] : [inOneFile(ofEngine(format))]),
      shaders(at('shaders')),
      engineBeside(own ?? ofEngine(format), format),
      workerBeside(format),
    ],
    build: {
      target: 'es2022',
      emptyOutDir: false,
      outDir: at('dist'),
      lib: { entry: at(source), name: 'neurite', formats: [format], fileName: () => fileOf(name, format) },
      rolldownOptions: {
        // Vite by itself keeps the white space of an ES library.
        output: {
          minify: true,
          // One file, except for what an entry says that it loads late.
          ...(late ? { chunkFileNames: fileOf(`${name}-[name]`, format) } : { codeSplitting: false }),
        },
        checks: { bundlerTimings: false }, // on a busy machine vite would warn of how long a plugin takes
      },
    },
  } satisfies UserConfig;
}
