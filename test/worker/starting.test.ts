/** Workers of a page's own, workers that do not start, and devices that a worker loses. */
import { afterEach, expect, test, vi } from 'vitest';
import { DeviceError, sequential } from '../../src/index.ts';
import { layers, remote } from '../../src/worker/index.ts';
import { testDevice } from '../support/device.ts';
import { bits, toyExamples } from '../support/toy.ts';

const LAYERS = [layers.flatten({ inputShape: [8, 8, 1] }), layers.dense({ units: 2 })];
const COMPILE = { loss: 'sparseCategoricalCrossentropy', seed: 3, tune: false } as const;
const DATA = toyExamples(40);

const losingWorker = () => new Worker(new URL('../support/losingWorker.ts', import.meta.url), { type: 'module' });
const failure = (call: Promise<unknown>): Promise<Error> =>
  call.then(
    () => expect.fail('it did not fail'),
    (error) => error,
  );

afterEach(() => vi.restoreAllMocks());

test('a worker of the page holds several models, and outlives them', async () => {
  const worker = losingWorker();
  const [one, two] = [await remote(LAYERS, { worker }), await remote(LAYERS, { worker })];
  await one.compile(COMPILE);
  await two.compile({ ...COMPILE, seed: 4 });
  expect((await one.getWeights())[0]!.data).not.toEqual((await two.getWeights())[0]!.data);
  one.dispose();
  await two.predict(DATA.x);
  two.dispose();
  const three = await remote(LAYERS, { worker });
  await three.compile(COMPILE);
  three.dispose();
  worker.terminate();
});

test('a device that is lost while fit runs is replaced, and the weights have the same bits', async () => {
  const here = sequential(LAYERS);
  await here.compile({ ...COMPILE, device: await testDevice() });
  await here.fit(DATA, { epochs: 4, batchSize: 8 });
  const worker = losingWorker();
  const there = await remote(LAYERS, { worker });
  await there.compile(COMPILE);
  const events: object[] = [];
  let lost = false;
  const epochs: number[] = [];
  await there.fit(DATA, {
    epochs: 4,
    batchSize: 8,
    recovery: { everySteps: 3, onRecovery: (event) => void events.push(event) },
    callbacks: {
      onBatchEnd(batch, _, training) {
        if (lost || batch !== 2 || training.model.iterations < 8) return;
        lost = true;
        worker.postMessage('lose');
      },
      onEpochEnd: (epoch) => void epochs.push(epoch),
    },
  });
  expect(events).toEqual([expect.objectContaining({ reason: expect.stringMatching(/^destroyed/) })]);
  expect(events[0]).not.toHaveProperty('device');
  expect(epochs).toEqual([0, 1, 2, 3]);
  expect(await bits(there as never)).toEqual(await bits(here));
  // Between calls, too: the next one begins on another device.
  worker.postMessage('lose');
  expect((await there.predict(DATA.x)).data).toEqual((await here.predict(DATA.x)).data);
  here.dispose();
  there.dispose();
  worker.terminate();
});

test.each(['a Worker', 'the address of its file'])('a worker that knows nothing of it is doubted: %s', async (form) => {
  const address = URL.createObjectURL(new Blob(['onmessage = () => {};'], { type: 'text/javascript' }));
  const worker = form === 'a Worker' ? new Worker(address) : undefined;
  const warned = vi.spyOn(console, 'warn').mockImplementation(() => {});
  vi.useFakeTimers({ toFake: ['setTimeout'] });
  try {
    remote(LAYERS, { worker: worker ?? address }).catch(() => {}); // it never answers
    await vi.advanceTimersByTimeAsync(9000);
    expect(warned).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(1000);
    expect(warned).toHaveBeenCalledWith(
      "neurite: the worker of remote has not answered yet. Does its file import 'neurite/worker/start'?",
    );
  } finally {
    vi.useRealTimers();
    worker?.terminate();
    URL.revokeObjectURL(address);
  }
});

test('a worker that cannot be loaded says what to do', async () => {
  const error = await failure(remote(LAYERS, { worker: 'no/such/file.js' }));
  expect(error).toBeInstanceOf(DeviceError);
  expect(error.message).toMatch(/^remote: the worker could not be loaded.*neurite\/worker\/start/);
  const tried = new URL('no/such/file.js', document.baseURI).href;
  expect(error.message).toContain(`. The page must serve, as JavaScript, its file, at ${tried}. `);
  vi.stubGlobal('Worker', undefined);
  const none = await failure(remote(LAYERS));
  vi.unstubAllGlobals();
  expect(none).toBeInstanceOf(DeviceError);
  expect(none.message).toMatch(/^remote: there are no web workers here.*import \{ sequential \} from 'neurite'/);
  expect((await failure(remote(LAYERS, { worker: 5 as never }))).message).toMatch(/^remote: worker must be a Worker/);
});

test("where the model's own worker is missing, the error names its file, and where it was looked for", async () => {
  const Real = Worker;
  vi.stubGlobal(
    'Worker',
    class extends Real {
      constructor(url: URL | string, options: WorkerOptions) {
        super(String(url).replace('start.ts', 'missing.ts'), options);
      }
    },
  );
  const error = await failure(remote(LAYERS));
  vi.unstubAllGlobals();
  expect(error).toBeInstanceOf(DeviceError);
  const { origin, pathname } = new URL('../../src/worker/start.ts', import.meta.url);
  expect(error.message).toContain(
    `. The page must serve, as JavaScript, start.ts and the engine that it imports, at ${origin}${pathname} or where the `,
  );
  const given = await failure(remote(LAYERS, { worker: new Worker('no/such/file.js', { type: 'module' }) }));
  expect(given.message).toMatch(
    /^remote: the worker could not be loaded\. The page must serve, as JavaScript, the file of the given worker\./,
  );
});

test('a worker from another server is imported by one of the page', async () => {
  const made: string[] = [];
  const Real = Worker;
  vi.stubGlobal(
    'Worker',
    class extends Real {
      constructor(url: URL | string, options: WorkerOptions) {
        made.push(String(url));
        super(url, options);
      }
    },
  );
  const other = new URL('../../src/worker/start.ts', import.meta.url);
  other.hostname = other.hostname === 'localhost' ? '127.0.0.1' : 'localhost';
  const model = await remote(LAYERS, { worker: other });
  model.dispose();
  expect(made).toEqual([expect.stringMatching(/^blob:/)]);
  vi.unstubAllGlobals();
});

test('a worker without WebGPU in a browser that has it in pages', async () => {
  const code = `
    onmessage = ({ data: { port } }) => {
      port.onmessage = ({ data }) => port.postMessage({ type: 'done', id: data.id, value: { protocol: ${'PROTOCOL'}, gpu: false } });
    };`;
  const worker = (protocol: number) =>
    new Worker(URL.createObjectURL(new Blob([code.replace('PROTOCOL', String(protocol))])));
  const error = await failure(remote(LAYERS, { worker: worker(1) }));
  expect(error).toBeInstanceOf(DeviceError);
  expect(error.message).toMatch(/^remote: this browser has WebGPU in pages, but not in workers/);
  expect((await failure(remote(LAYERS, { worker: worker(99) }))).message).toMatch(/different versions of neurite/);
});
