/** Kernels chosen by measuring: an op with a quick and a slow kernel, and what may go wrong. */
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest';
import { conv2dMaxPool, Device, gradients, graph, type Op, plan, requestDevice, sum } from '../../src/index.ts';
import { Stopwatch, type Timed } from '../../src/runtime/stopwatch.ts';
import { WORTH_MEASURING } from '../../src/runtime/trial.ts';
import { type TuneOptions, Tuner } from '../../src/runtime/tuning.ts';
import { databaseStore, type TuningStore } from '../../src/runtime/tuningStore.ts';
import { countBuffers, testDevice } from '../support/device.ts';
import { memoryStore, PATIENT } from '../support/tuning.ts';

/** y = 2 x, by as many additions as LOOPS says; `broken` does not compile. */
const shader = (name: string) => ({
  name,
  source: `
override LOOPS: u32;
override COUNT: u32;
@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;
@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) local: u32) {
  let i = group.x * 64u + local;
  if (i >= COUNT) { return; }
  var sum = 0.0;
  for (var j = 0u; j < LOOPS; j++) { sum += x[(i + j) % COUNT]; }
  y[i] = 2.0 * x[i] + select(0.0, 1.0, sum == 12345.678); // compilers drop what is multiplied by 0
}
@compute @workgroup_size(64)
fn broken() { ${name === 'faulty' ? 'let a: u32 = 1.5;' : ''} }
`,
});

const LOOPS: Record<string, number> = { slow: 400, quick: 1, plain: 1, broken: 1 };

/** An op of which the kernels named are able, in this order. */
function doubling(name: string, kernels: readonly string[], source = shader('doubling')): Op<{ kernel?: string }> {
  return {
    name,
    outputs: ([x]) => [{ shape: x!.shape }],
    kernels: () => kernels,
    dispatches: ({ inputs: [x], outputs: [y], attributes: { kernel } }) => [
      {
        shader: kernel === 'broken' ? shader('faulty') : source,
        entryPoint: 'main',
        constants: { LOOPS: LOOPS[kernel!]!, COUNT: x!.shape[0]! },
        reads: { x: x! },
        writes: { y: y! },
        workgroups: [Math.ceil(x!.shape[0]! / 64), 1, 1],
      },
    ],
  };
}

const SIZE = WORTH_MEASURING;

/** A plan of one node of each op; `choice` plans it by a tuner's choice. */
function nodes(ops: readonly Op<{ kernel?: string }>[], size = SIZE) {
  const g = graph();
  const x = g.input('x', [size]);
  const outputs = ops.map((op) => g.apply(op, [x], {})[0]!);
  const loops = (planned: ReturnType<typeof plan>) => planned.dispatches.map(({ constants }) => constants.LOOPS);
  const tuned = async (tuner: Tuner, device: Device) =>
    loops(await tuner.tuned((choose) => plan(g, outputs, { target: device.target, choose })));
  return { tuned, known: (tuner: Tuner) => loops(plan(g, outputs, { choose: tuner.choose })) };
}

const tunerOn = (device: Device, options: TuneOptions = {}) =>
  new Tuner(device, { budget: PATIENT, store: memoryStore(), ...options });

/** Counts what is submitted to a device while `work` runs. */
async function submitsOf({ gpu }: Device, work: () => Promise<void>): Promise<number> {
  const { submit } = gpu.queue;
  let count = 0;
  gpu.queue.submit = (buffers) => {
    count++;
    return submit.call(gpu.queue, buffers);
  };
  try {
    await work();
  } finally {
    gpu.queue.submit = submit;
  }
  return count;
}

const others: Device[] = [];

async function anotherDevice(): Promise<Device> {
  const device = await requestDevice();
  others.push(device);
  return device;
}

afterAll(() => {
  for (const device of others) device.destroy();
});

const slowFirst = doubling('doubling', ['slow', 'quick']);

/**
 * For the tests of a group, runs are done, but take by the clock what the loops of their kernel say: other work on the
 * machine does not make them slower, and `now` moves with the runs alone.
 */
function heldClock() {
  const { time } = Stopwatch.prototype;
  const clock = {
    milliseconds: 0,
    /** While `work` runs, `performance.now` gives this time. */
    async held<T>(work: () => Promise<T>): Promise<T> {
      const now = Object.getOwnPropertyDescriptor(performance, 'now');
      Object.defineProperty(performance, 'now', { value: () => clock.milliseconds, configurable: true });
      try {
        return await work();
      } finally {
        if (now) Object.defineProperty(performance, 'now', now);
        else Reflect.deleteProperty(performance, 'now');
      }
    },
    /** While `work` runs, it is the machine's. */
    async real<T>(work: () => Promise<T>): Promise<T> {
      const held = Stopwatch.prototype.time;
      Stopwatch.prototype.time = time;
      try {
        return await work();
      } finally {
        Stopwatch.prototype.time = held;
      }
    },
  };
  beforeEach(() => {
    Stopwatch.prototype.time = async function (runs, share) {
      await time.call(this, runs, share);
      const times = (runs as readonly (Timed & { kernel: string })[]).map(
        ({ kernel, repeats }) => 20_000 * LOOPS[kernel]! * repeats * share,
      );
      for (const microseconds of times) clock.milliseconds += microseconds / 1000;
      return times;
    };
  });
  afterEach(() => {
    Stopwatch.prototype.time = time;
  });
  return clock;
}

describe('measuring', () => {
  const clock = heldClock();
  test('finds the quicker kernel, wherever it stands in the list, and frees its memory', async () => {
    const device = await testDevice();
    const buffers = countBuffers(device.gpu);
    const before = device.tuning.measurements.length;
    expect(await nodes([slowFirst]).tuned(tunerOn(device), device)).toEqual([LOOPS.quick]);
    expect(await nodes([doubling('doubling', ['quick', 'slow'])]).tuned(tunerOn(device), device)).toEqual([
      LOOPS.quick,
    ]);
    expect(buffers.alive()).toBe(0);
    buffers.restore();
    const made = device.tuning.measurements.slice(before);
    expect(made).toMatchObject([{ chosen: 'quick' }, { chosen: 'quick' }]);
    for (const { candidates } of made) {
      const [slow, quick] = ['slow', 'quick'].map((name) => candidates.find(({ kernel }) => kernel === name)!);
      expect(slow!.microseconds! / quick!.microseconds!).toBeGreaterThan(2);
    }
    expect(device.tuning.milliseconds).toBeGreaterThan(0);
  });

  test('goes by timestamps, and by the clock where there are none, and where they are all zero', async () => {
    /** @returns how much longer the slow one took; other work on the machine may hold up either. */
    const measured = async (on: Device) => {
      const [loops] = await clock.real(() => nodes([slowFirst]).tuned(tunerOn(on), on));
      const { candidates, chosen } = on.tuning.measurements.at(-1)!;
      const [slow, quick] = candidates.map(({ microseconds }) => microseconds!) as [number, number];
      expect(Math.min(slow, quick)).toBeGreaterThan(0);
      expect(chosen).toBe(quick < 0.95 * slow ? 'quick' : 'slow');
      expect(loops).toBe(LOOPS[chosen!]);
      return slow / quick;
    };
    const tells = (on: Device) => expect.poll(() => measured(on), { timeout: 50_000, interval: 0 }).toBeGreaterThan(2);
    const adapter = await navigator.gpu.requestAdapter();
    const plain = new Device(await adapter!.requestDevice());
    others.push(plain);
    await tells(plain);
    const device = await testDevice();
    await tells(device);
    const { resolveQuerySet } = GPUCommandEncoder.prototype;
    GPUCommandEncoder.prototype.resolveQuerySet = () => undefined;
    try {
      await tells(device);
    } finally {
      GPUCommandEncoder.prototype.resolveQuerySet = resolveQuerySet;
    }
  });

  test('leaves alone what is tiny, has no choice, or only the reference beside it', async () => {
    const device = await testDevice();
    const tuner = tunerOn(device);
    const submits = await submitsOf(device, async () => {
      expect(await nodes([slowFirst], 1000).tuned(tuner, device)).toEqual([LOOPS.slow]);
      expect(await nodes([doubling('single', ['slow'])]).tuned(tuner, device)).toEqual([LOOPS.slow]);
      expect(await nodes([doubling('refer', ['slow', 'plain'])]).tuned(tuner, device)).toEqual([LOOPS.slow]);
    });
    expect(submits).toBe(0);
  });

  test('a kernel that does not compile is out of the race, wherever it stands', async () => {
    const device = await testDevice();
    for (const kernels of [
      ['broken', 'slow', 'quick'],
      ['slow', 'quick', 'broken'],
    ]) {
      expect(await nodes([doubling('some', kernels)]).tuned(tunerOn(device), device)).toEqual([LOOPS.quick]);
      const { candidates } = device.tuning.measurements.at(-1)!;
      expect(candidates.find(({ kernel }) => kernel === 'broken')!.failure).toMatch(/main|faulty|compile|parsing/i);
    }
    expect(await nodes([doubling('one', ['broken', 'quick'])]).tuned(tunerOn(device), device)).toEqual([LOOPS.quick]);
    expect(device.errors).toEqual([]);
  });

  test.each([
    ['values', 'arena', [{ failure: 'out of memory' }, {}]],
    ['inputs', 'trial', [{ failure: 'out of memory' }, { failure: 'out of memory' }]],
  ])(
    'more memory for %s than the device has is a failure of the candidates, not of the step',
    async (_, name, candidates) => {
      const device = await testDevice();
      const buffers = countBuffers(device.gpu);
      const create = device.createBuffer;
      device.createBuffer = (label, bytes, usage) => {
        if (label.startsWith(name)) throw new Error('out of memory');
        return create.call(device, label, bytes, usage);
      };
      try {
        const store = memoryStore();
        expect(await nodes([slowFirst]).tuned(tunerOn(device, { store }), device)).toEqual([LOOPS.slow]);
        expect(device.tuning.measurements.at(-1)).toMatchObject({ candidates });
        expect(store.data).toEqual({});
        expect(buffers.alive()).toBe(0);
      } finally {
        device.createBuffer = create;
        buffers.restore();
      }
    },
  );

  test('a lost device rejects with a DeviceError', async () => {
    const device = await anotherDevice();
    const { queue } = device.gpu;
    const submit = queue.submit;
    queue.submit = (commands) => {
      submit.call(queue, commands);
      device.destroy(); // while it is measured
    };
    await expect(nodes([slowFirst]).tuned(tunerOn(device), device)).rejects.toThrow(/device was lost/);
  });
});

test('ops of several inputs and outputs are measured as the plan has them', async () => {
  const device = await testDevice();
  const g = graph();
  const [x, w] = [g.input('x', [16, 36, 36, 4]), g.input('w', [5, 5, 4, 32])];
  const y = conv2dMaxPool(x, w, { poolSize: 4, bias: g.input('bias', [32]) });
  const [dx, dw] = gradients(sum(y), [x, w]);
  const before = device.tuning.measurements.length;
  const tuner = tunerOn(device);
  await tuner.tuned((choose) => plan(g, [y, dx!, dw!], { target: device.target, choose }));
  const made = device.tuning.measurements.slice(before);
  expect(made.map(({ key }) => key.split(' ')[0])).toEqual(
    expect.arrayContaining(['conv2dMaxPool', 'conv2dMaxPoolInputGrad']),
  );
  for (const { candidates, chosen } of made) {
    expect(candidates.every(({ microseconds }) => microseconds! > 0)).toBe(true);
    expect(candidates.map(({ kernel }) => kernel)).toContain(chosen);
  }
});

describe('the budget', () => {
  const clock = heldClock();
  // Of different sources, so that each must be measured for itself.
  const ops = Array.from({ length: 8 }, (_, i) => doubling(`doubling${i}`, ['slow', 'quick']));

  test('of nothing leaves the first kernel, and remembers nothing beyond the page', async () => {
    const device = await testDevice();
    const store = memoryStore();
    const submits = await submitsOf(device, async () => {
      expect(await nodes([slowFirst]).tuned(tunerOn(device, { budget: 0, store }), device)).toEqual([LOOPS.slow]);
    });
    expect(submits).toBe(0);
    expect(store.data).toEqual({});
  });

  test('is kept to: what does not fit into it stays with the first kernel, now and later in the page', async () => {
    const device = await testDevice();
    const store = memoryStore();
    const wanted = nodes(ops);
    const first = await clock.held(async () => {
      const spentBefore = device.tuning.milliseconds;
      await nodes([ops[0]!]).tuned(tunerOn(device, { store: memoryStore() }), device);
      const one = device.tuning.milliseconds - spentBefore;
      return wanted.tuned(tunerOn(device, { budget: 2.5 * one, store }), device);
    });
    // Two of them; for the half that is left no third is begun.
    expect(first).toEqual(ops.map((_, i) => LOOPS[i < 2 ? 'quick' : 'slow']));
    expect(Object.keys(Object.values(store.data)[0] ?? {})).toHaveLength(2);
    // The same page, with all the time in the world: what was planned once is planned again.
    expect(await wanted.tuned(tunerOn(device, { store }), device)).toEqual(first);
    // Another visit continues where this one had to stop.
    const later = memoryStore(store.data);
    expect(await wanted.tuned(tunerOn(device, { store: later }), device)).toEqual(ops.map(() => LOOPS.quick));
  });
});

describe('memory', () => {
  heldClock();
  test('a second device of the adapter measures nothing and chooses the same', async () => {
    const store = memoryStore();
    const first = await testDevice();
    const wanted = nodes([slowFirst]);
    expect(wanted.known(tunerOn(first, { store }))).toEqual([LOOPS.slow]);
    await wanted.tuned(tunerOn(first, { store }), first);
    expect(wanted.known(tunerOn(first, { store }))).toEqual([LOOPS.quick]);
    for (const known of [store, memoryStore(store.data)]) {
      const second = await anotherDevice();
      const submits = await submitsOf(second, async () => {
        expect(await wanted.tuned(tunerOn(second, { store: known }), second)).toEqual([LOOPS.quick]);
      });
      expect(submits).toBe(0);
      expect(second.pipelines.size).toBe(0);
      expect(second.tuning).toEqual({ measurements: [], milliseconds: 0 });
    }
  });

  test('two that ask at once measure once', async () => {
    const device = await testDevice();
    const before = device.tuning.measurements.length;
    const store = memoryStore();
    const wanted = nodes([slowFirst]);
    const both = [tunerOn(device, { store }), tunerOn(device, { store })].map((tuner) => wanted.tuned(tuner, device));
    expect(await Promise.all(both)).toEqual([[LOOPS.quick], [LOOPS.quick]]);
    expect(device.tuning.measurements.length).toBe(before + 1);
  });

  test('other shaders are other measurements', async () => {
    const device = await testDevice();
    const store = memoryStore();
    await nodes([slowFirst]).tuned(tunerOn(device, { store }), device);
    const { source } = shader('doubling');
    const changed = doubling('doubling', ['slow', 'quick'], { name: 'doubling', source: `${source}// changed` });
    const before = device.tuning.measurements.length;
    await nodes([changed]).tuned(tunerOn(device, { store }), device);
    expect(device.tuning.measurements.length).toBe(before + 1);
  });

  const stores: readonly [string, Partial<TuningStore>][] = [
    ['holds something else', { load: async () => 'rubbish' as never }],
    ['names kernels that do not exist', { load: async () => new Proxy({}, { get: () => 'nonsense' }) }],
    ['is forbidden', { load: () => Promise.reject(new Error('no')), save: () => Promise.reject(new Error('no')) }],
    [
      'throws',
      {
        load() {
          throw new Error('no');
        },
        save() {
          throw new Error('no');
        },
      },
    ],
    ['never answers', { load: () => new Promise(() => {}), save: () => new Promise(() => {}) }],
  ];
  test.each(stores)('a store that %s does no harm', async (_, faulty) => {
    const device = await testDevice();
    const store = { ...memoryStore(), ...faulty };
    const wanted = nodes([slowFirst]);
    expect(await wanted.tuned(tunerOn(device, { store }), device)).toEqual([LOOPS.quick]);
    expect(wanted.known(tunerOn(device, { store }))).toEqual([LOOPS.quick]);
  });

  test('kernels that a model was trained with go before those of the store, and are noted', async () => {
    const device = await testDevice();
    const store = memoryStore();
    const wanted = nodes([slowFirst]);
    const chosen = new Map<string, string>();
    const tuner = (kernels: Map<string, string>) => new Tuner(device, { budget: PATIENT, store }, kernels);
    expect(await wanted.tuned(tuner(chosen), device)).toEqual([LOOPS.quick]);
    expect([...chosen.values()]).toEqual(['quick']);
    const slow = new Map([...chosen.keys()].map((key) => [key, 'slow']));
    expect(await wanted.tuned(tuner(slow), device)).toEqual([LOOPS.slow]);
    expect(await wanted.tuned(tuner(new Map()), device)).toEqual([LOOPS.quick]);
  });

  test('kernels of a name that is not in the list are measured anew', async () => {
    const device = await testDevice();
    const store = memoryStore();
    const wanted = nodes([slowFirst]);
    await wanted.tuned(tunerOn(device, { store }), device);
    const [[adapter, choices]] = Object.entries(store.data) as [[string, Record<string, string>]];
    const broken = Object.fromEntries(Object.keys(choices).map((key) => [key, 'nonsense']));
    const spoilt = memoryStore({ [adapter]: broken });
    expect(await wanted.tuned(tunerOn(device, { store: spoilt }), device)).toEqual([LOOPS.quick]);
    expect(Object.values(spoilt.data[adapter]!)).toEqual(['quick']);
  });

  test("the page's database keeps choices for each adapter, and adds to them", async (context) => {
    if (typeof indexedDB === 'undefined') return context.skip('there is no IndexedDB under Node');
    const name = `tuning-test-${Math.random()}`;
    const store = databaseStore(name);
    try {
      expect(await store.load('a')).toEqual({});
      await store.save('a', { p: 'tile' });
      await Promise.all([store.save('a', { q: 'rows' }), databaseStore(name).save('a', { r: 'tile', p: 'rows' })]);
      await store.save('b', { p: 'other' });
      expect(await databaseStore(name).load('a')).toEqual({ p: 'rows', q: 'rows', r: 'tile' });
      expect(await store.load('b')).toEqual({ p: 'other' });
    } finally {
      indexedDB.deleteDatabase(name);
    }
  });
});
