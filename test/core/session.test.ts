/** The layer below models: one's own step, written as a graph. */
import { describe, expect, test, vi } from 'vitest';
import {
  ArgumentError,
  DeviceError,
  gradients,
  graph,
  plan,
  requestDevice,
  StateError,
  session,
  type Variable,
} from '../../src/index.ts';
import { add, matmul, meanSquaredError, mul, relu, reshape, sgdUpdate, sum } from '../../src/ops/index.ts';
import { packVariables, rangeOf } from '../../src/plan/packing.ts';
import { Session } from '../../src/runtime/session.ts';
import { Arena, VariableStore } from '../../src/runtime/storage.ts';
import { countBuffers, testDevice } from '../support/device.ts';

describe('session', () => {
  test('a hand-written linear regression finds its line', async () => {
    const g = graph();
    const variable = (name: string, shape: number[]): Variable => ({ name, shape, dtype: 'f32' });
    const [x, y] = [g.input('x', [8, 1]), g.input('y', [8, 1])];
    const w = g.variable(variable('w', [1, 1]));
    const b = g.variable(variable('b', [1]));
    const hyper = g.input('hyper', [4]);
    const loss = sum(meanSquaredError(add(matmul(x, w), b), y));
    const [dw, db] = gradients(loss, [w, b]);
    sgdUpdate(w, [], dw!, hyper, {});
    sgdUpdate(b, [], db!, hyper, {});
    const s = await session(await testDevice(), [loss]);
    const xs = Float32Array.from({ length: 8 }, (_, i) => i / 8);
    s.write(x, xs);
    s.write(
      y,
      xs.map((v) => 3 * v - 1),
    );
    s.write(hyper, new Float32Array([0.1, 0, 0, 0]));
    for (let i = 0; i < 400; i++) s.run();
    expect((await s.read(w))[0]).toBeCloseTo(3, 2);
    expect((await s.read(b))[0]).toBeCloseTo(-1, 2);
    s.destroy();
  });

  // biome-ignore lint/suspicious/noExplicitAny: plain JavaScript passes anything
  const make = session as any;

  test('takes a GPUDevice, as compile does, and refuses what is no device, no tensor and no list', async () => {
    const device = await testDevice();
    const g = graph();
    const a = g.input('a', [2]);
    const y = relu(a);
    await expect(make(undefined, [y])).rejects.toThrow(/^session: device must come from requestDevice/);
    await expect(make(device, y)).rejects.toThrow(/^session: outputs must be a list/);
    await expect(make(device, [[1, 2]])).rejects.toThrow(
      /^session: input 0 must be a tensor made by a graph, got \[1,2\]/,
    );
    const s = await session(device.gpu, [y]);
    s.write(a, new Float32Array([-1, 2]));
    s.run();
    expect([...(await s.read(y))]).toEqual([0, 2]);
    expect(() => s.write('a' as never, new Float32Array(2))).toThrow(/^session: input 0 must be a tensor.*got 'a'/);
    expect(() => s.read(5 as never)).toThrow(/^session: input 0 must be a tensor.*got 5/);
    s.destroy();
  });

  test('reads inputs, variables, values and reshaped values', async () => {
    const g = graph();
    const x = g.input('x', [2, 3]);
    const w = g.variable({ name: 'w', shape: [3], dtype: 'f32', initial: () => new Float32Array([1, 2, 3]) });
    const y = mul(relu(x), w);
    const flat = reshape(y, [6]);
    const s = await session(await testDevice(), [y, flat]);
    s.write(x, new Float32Array([1, -1, 1, 2, 2, -2]));
    s.run();
    expect([...(await s.read(flat))]).toEqual([1, 0, 3, 2, 4, 0]);
    expect([...(await s.read(w))]).toEqual([1, 2, 3]);
    expect([...(await s.read(x))]).toEqual([1, -1, 1, 2, 2, -2]);
    s.destroy();
  });

  test('a range of packed variables has the first values of all of them', async () => {
    const device = await testDevice();
    const store = new VariableStore(device);
    const variable = (name: string, value: number): Variable => {
      return { name, shape: [3], dtype: 'f32', initial: () => new Float32Array(3).fill(value) };
    };
    const [a, b] = packVariables('both', [variable('a', 1), variable('b', 2)]);
    const values = await store.read(rangeOf([a!, b!]));
    expect([...values.subarray(0, 3), ...values.subarray(-4, -1)]).toEqual([1, 1, 1, 2, 2, 2]);
    store.destroy();
  });

  test('says what is wrong with a call', async () => {
    const g = graph();
    const x = g.input('x', [2, 3]);
    const other = g.input('other', [1]);
    const s = await session(await testDevice(), [relu(x)]);
    expect(() => s.write(x, new Float32Array(5))).toThrow(/input x has 6 elements, got 5/);
    const wrong = [
      [[1, 2, 3, 4, 5, 6], 'Array'],
      [new Int32Array(6), 'Int32Array'],
      [undefined, 'Undefined'],
    ] as const;
    for (const [data, name] of wrong) {
      expect(() => s.write(x, data as never)).toThrow(
        new ArgumentError(`session: input x takes a Float32Array, got ${name}.`),
      );
    }
    expect(() => s.write(other, new Float32Array(1))).toThrow(/other is no input of the plan/);
    expect(() => s.read(other)).toThrow(ArgumentError);
    s.destroy();
    expect(() => s.run()).toThrow(/destroyed/);
  });

  test('a call after the end leaves no buffer', async () => {
    const device = await testDevice();
    const g = graph();
    const y = relu(g.input('x', [6]));
    const s = await session(device, [y]);
    s.destroy();
    const buffers = countBuffers(device.gpu);
    await expect(s.runAndRead([y])).rejects.toThrow(/destroyed/);
    expect(buffers.alive()).toBe(0);
    buffers.restore();
  });

  test('what cannot be made leaves nothing: a freed arena, an input beyond the limits', async () => {
    const device = await testDevice();
    const g = graph();
    const small = plan(g, [relu(g.input('x', [6]))], { target: device.target });
    const arena = new Arena(device);
    arena.destroy();
    const h = graph();
    const most = device.gpu.limits.maxStorageBufferBindingSize / 4;
    const large = plan(h, [relu(h.input('x', [6])), sum(h.input('large', [2 * most]))], { target: device.target });
    const buffers = countBuffers(device.gpu);
    const retained = vi.spyOn(device.pipelines, 'retainUnused');
    const released = vi.spyOn(device.pipelines, 'releaseUnused');
    try {
      await expect(Session.create(device, small, { arena })).rejects.toThrow(StateError);
      await expect(Session.create(device, large)).rejects.toThrow(/input:large needs a buffer of/);
      expect(buffers.alive()).toBe(0);
      expect(released.mock.calls.length).toBe(retained.mock.calls.length); // else unused kernels are kept for ever
    } finally {
      buffers.restore();
      vi.restoreAllMocks();
    }
  });

  test('onProgress is called during compilation', async () => {
    const g = graph();
    const seen: [number, number][] = [];
    const s = await session(await testDevice(), [sum(relu(g.input('x', [77])))], {
      onProgress: (done, total) => seen.push([done, total]),
    });
    expect(seen.at(-1)).toEqual([s.plan.dispatches.length, s.plan.dispatches.length]);
    s.destroy();
  });
});

describe('device', () => {
  test('describes itself, and says when it is software', async () => {
    const device = await testDevice();
    expect(device.description.length).toBeGreaterThan(3);
    expect(device.isSoftware).toBe(/software/.test(device.description));
  });

  test('a buffer beyond the limits is a clear error', async () => {
    const device = await testDevice();
    const tooLarge = device.gpu.limits.maxBufferSize + 4;
    expect(() => device.createBuffer('conv2d:y', tooLarge, GPUBufferUsage.STORAGE)).toThrow(
      /conv2d:y needs a buffer of \d+ bytes/,
    );
  });

  test('a lost device is a DeviceError at the next call, and while one waits', async () => {
    const device = await requestDevice();
    const g = graph();
    const x = g.input('x', [4]);
    const s = await session(device, [relu(x)]);
    const waiting = device.whileAlive(new Promise(() => {}));
    device.destroy();
    await expect(waiting).rejects.toThrow(DeviceError);
    expect(() => s.run()).toThrow(/device was lost.*Request a new device/);
  });
});
