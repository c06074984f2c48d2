/**
 * Which test files each project runs, and why: the one table that vite.config.ts reads. `npm test` runs a file where it has found
 * faults that no other project shows; `npm run test:all` runs each wherever it can run.
 */

/** A project of vitest: where its tests run. */
export const PROJECTS = {
  dawn: 'the engine in Node, on Dawn',
  firefox: 'the engine in a page of Firefox: wgpu and naga',
  browser: 'the engine and what needs a page, in Chrome',
  node: 'what needs no GPU, and the commands',
  page: 'the built page and the examples, by a visitor in Chrome',
} as const;

export type ProjectName = keyof typeof PROJECTS;

/** What the lessons and the lab compute by hand, beside the engine. */
const LESSONS = 'test/page/{reference,units,playground,backprop,convolution,painting,fakes}.test.ts';

/** Files of the engine, which run in each implementation of WebGPU. */
export const ENGINE = ['test/device.test.ts', 'test/{core,ops,nn,model,selftest,worker}/*.test.ts', LESSONS];

/** Tests in Node have names of their own. */
export const IN_NODE = 'test/**/*.node.test.ts';

/** Tests of the built page and of the examples, which a visitor in Node drives. */
export const OF_PAGE = 'test/{page,examples}/*.node.test.ts';

interface Row {
  readonly files: readonly string[];
  /** Projects that do not run them, though they could. */
  readonly leftOutOf: readonly ProjectName[];
  readonly why: string;
}

/** What a project cannot run, or what would show nothing there. */
const NEVER: readonly Row[] = [
  {
    files: ['test/model/mnist.test.ts'],
    leftOutOf: ['dawn', 'firefox'],
    why: "fetches its digits from the page's server",
  },
  {
    files: ['test/model/{pictures,images}.test.ts'],
    leftOutOf: ['dawn'],
    why: 'images, canvases, videos and their decoders are of a page',
  },
  {
    files: ['test/worker/*.test.ts'],
    leftOutOf: ['dawn'],
    why: 'Node has no web workers',
  },
  {
    files: ['test/model/{parity,memoryParity}.test.ts'],
    leftOutOf: ['dawn', 'firefox'],
    why: 'most of their time is TensorFlow.js on the CPU: once is enough',
  },
  {
    files: ['test/selftest/all.test.ts'],
    leftOutOf: ['firefox', 'browser'],
    why: "minutes; a visitor's whole self-test is a test of the page in Chrome, and Firefox runs each kernel",
  },
];

/**
 * What `npm test` leaves to Dawn. What browsers alone have shown stays there: what naga refuses to compile, NaNs, ends that are
 * reported late, maps that fail before the loss is reported, timers, memory of the host, device loss, stores, messages of another
 * JavaScript engine.
 */
const ONCE: readonly Row[] = [
  {
    files: [
      'test/core/fuse.test.ts',
      'test/ops/{conv2d,conv2dKernels,conv2dTranspose,matmul,conv2dMaxPool,epilogue,longSums}.test.ts',
    ],
    leftOutOf: ['firefox'],
    why: 'all shapes by all kernels, each of which is compiled anew; Firefox runs each kernel in kernels.test.ts',
  },
  {
    files: ['test/ops/*.test.ts', 'test/core/fuse.test.ts'],
    leftOutOf: ['browser'],
    why: "Chrome has the Dawn that runs them in Node, and runs their cases by all kernels in the visitor's self-test",
  },
  {
    files: [
      'test/model/{watch,watchHook,recoveryIdle,unrecovered,trainingStepLoss,pause,training,lossScaling,stream}.test.ts',
    ],
    leftOutOf: ['browser'],
    why: 'Node has the same Dawn and JavaScript engine, Firefox others; in Chrome visitors lose devices, pause and watch',
  },
  {
    files: [
      'test/model/{memory,sizes,runners,watchMicroBatches,watchLosses,inspect,exampleGradients,longSums}.test.ts',
      'test/model/{disposedWhileTimed,trainingStepMemory}.test.ts',
    ],
    leftOutOf: ['firefox', 'browser'],
    why: 'counts and sums of the engine, in which nothing is of a browser',
  },
  {
    files: [LESSONS],
    leftOutOf: ['firefox', 'browser'],
    why: "numbers by hand beside kernels, all of which test/ops and the visitor's self-test run there",
  },
  {
    files: ['test/model/tangent.test.ts'],
    leftOutOf: ['firefox', 'browser'],
    why: 'trainings of thousands of steps, to compare widths and not browsers',
  },
  {
    files: ['test/model/landing.test.ts'],
    leftOutOf: ['firefox', 'browser'],
    why: "numbers by hand beside kernels, all of which test/ops and the visitor's self-test run there",
  },
  {
    files: ['test/selftest/manyKernels.test.ts'],
    leftOutOf: ['firefox', 'browser'],
    why: 'compiles all kernels of some ops to find a planted fault',
  },
  {
    files: ['test/selftest/kernels.test.ts'],
    leftOutOf: ['dawn', 'browser'],
    why: "test/ops has its cases in Node, the visitor's self-test in Chrome",
  },
  {
    files: ['test/model/concurrency.test.ts'],
    leftOutOf: ['firefox', 'browser'],
    why: 'a run for each moment of a fit, and the moments are those of promises',
  },
  {
    files: ['test/model/augmentedTraining.test.ts'],
    leftOutOf: ['firefox', 'browser'],
    why: "what a step draws, and how it is cut, follows from the engine's own code; test/model/augmentation has the kernels",
  },
  {
    files: ['test/model/augmentation.test.ts'],
    leftOutOf: ['browser'],
    why: 'Chrome has the Dawn that runs it in Node',
  },
  {
    files: ['test/model/{gan,given,hooks,trainable,trainingStep,watchFinding}.test.ts'],
    leftOutOf: ['firefox', 'browser'],
    why: "what callbacks, layers and steps do follows from the engine's own code",
  },
  {
    files: ['test/model/{lossMoments,minified,tuning}.test.ts', 'test/core/split.test.ts'],
    leftOutOf: ['browser'],
    why: 'Chrome has the Dawn that runs them in Node; Firefox reports losses and ends at other moments, and compiles otherwise',
  },
  {
    files: ['test/selftest/all.test.ts'],
    leftOutOf: ['dawn'],
    why: "test/ops has its cases, the visitor's self-test in Chrome all cases by all kernels",
  },
];

/** Files that a project leaves out. @param all whether it runs whatever it can */
export function leftOut(project: ProjectName, all: boolean): string[] {
  const rows = all ? NEVER : [...NEVER, ...ONCE];
  return rows.flatMap(({ files, leftOutOf }) => (leftOutOf.includes(project) ? files : []));
}
