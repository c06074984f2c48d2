import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Op } from '../../src/graph.ts';
import { gradients, graph, plan, type Tensor } from '../../src/index.ts';
import { add, biasAdd, matmul, mul, relu, reshape, sum } from '../../src/ops/index.ts';
import type { Plan } from '../../src/plan/types.ts';
import { byteLength } from '../../src/tensor.ts';

/** Dispatches that touch each slot, with what they do there, to be checked against the tensors' lives. */
function checkSlots(p: Plan): void {
  for (const a of p.lifetimes) {
    expect(p.slots[a.slot]).toBeGreaterThanOrEqual(a.bytes);
    for (const b of p.lifetimes) {
      if (a === b || a.slot !== b.slot) continue;
      expect(a.last < b.first || b.last < a.first, `${a.tensor.name} and ${b.tensor.name} overlap in a slot`).toBe(
        true,
      );
    }
  }
  p.dispatches.forEach((dispatch) => {
    const places = dispatch.bindings.map(({ storage }) =>
      JSON.stringify(storage.kind === 'slot' ? storage.slot : storage.kind),
    );
    const written = dispatch.bindings.findIndex(({ access }) => access === 'read_write');
    const { storage } = dispatch.bindings[written]!;
    if (storage.kind === 'slot') expect(places.filter((place) => place === places[written])).toHaveLength(1);
  });
}

describe('plan', () => {
  test('drops what no output needs', () => {
    const g = graph();
    const x = g.input('x', [8]);
    const unused = g.input('unused', [8]);
    relu(unused);
    const p = plan(g, [relu(x)]);
    expect(p.dispatches).toHaveLength(1);
    expect(p.inputs.map(({ name }) => name)).toEqual(['x']);
  });

  test('a gradient that nobody asks for costs nothing', () => {
    const g = graph();
    const [x, w] = [g.input('x', [8]), g.input('w', [8])];
    const [dw] = gradients(sum(mul(x, w)), [w]);
    const names = plan(g, [dw!]).dispatches.map(({ label }) => label);
    expect(names.filter((label) => label.startsWith('mul'))).toHaveLength(1);
  });

  test('keeps in-place updates, in their order', () => {
    const g = graph();
    const w = g.variable({ name: 'w', shape: [4], dtype: 'f32' });
    const update: Op<undefined> = {
      name: 'update',
      mutates: [0],
      outputs: () => [],
      dispatches: ({ inputs: [target, value] }) => [
        {
          shader: {
            name: 'update',
            source: `@group(0) @binding(0) var<storage, read> x: array<f32>;
                     @group(0) @binding(1) var<storage, read_write> w: array<f32>;
                     @compute @workgroup_size(1) fn main() { w[0] = x[0]; }`,
          },
          entryPoint: 'main',
          constants: {},
          reads: { x: value! },
          writes: { w: target! },
          workgroups: [1, 1, 1],
        },
      ],
    };
    const y = relu(g.input('x', [4]));
    g.apply(update, [w, y], undefined);
    const p = plan(g, []);
    expect(p.dispatches.map(({ label }) => label)).toEqual(['relu:relu', 'update:w']);
    expect(p.variables.map(({ name }) => name)).toEqual(['w']);
  });

  test('a chain needs two slots however long it is', () => {
    const g = graph();
    let x = g.input('x', [1024]);
    for (let i = 0; i < 10; i++) x = relu(x);
    const p = plan(g, [x]);
    expect(p.slots).toEqual([4096, 4096]);
    expect(p.peakBytes).toBe(3 * 4096);
    checkSlots(p);
  });

  test('a reshape is the same memory, and keeps it alive', () => {
    const g = graph();
    const a = relu(g.input('x', [4, 4]));
    const view = reshape(a, [16]);
    const b = relu(relu(view));
    const p = plan(g, [add(b, view)]);
    expect(p.storage.get(view)).toEqual(p.storage.get(a));
    checkSlots(p);
  });

  test('outputs are not overwritten by what follows', () => {
    const g = graph();
    const first = relu(g.input('x', [64]));
    let last: Tensor = first;
    for (let i = 0; i < 5; i++) last = relu(last);
    const p = plan(g, [first, last]);
    expect(p.storage.get(first)).not.toEqual(p.storage.get(last));
    expect(p.lifetimes.find(({ tensor }) => tensor === first)!.last).toBe(p.dispatches.length);
    checkSlots(p);
  });

  test('random graphs: no two living tensors share memory, and the peak is no more than without reuse', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(), fc.nat(), fc.nat(3)), { minLength: 1, maxLength: 40 }), (steps) => {
        const g = graph();
        const pool: Tensor[] = [g.input('a', [3, 1, 5]), g.input('b', [4, 1]), g.input('c', [1])];
        for (const [i, j, kind] of steps) {
          const [x, y] = [pool[i % pool.length]!, pool[j % pool.length]!];
          pool.push(
            kind === 0 ? relu(x) : kind === 1 ? add(x, y) : kind === 2 ? mul(x, y) : reshape(x, [1, ...x.shape]),
          );
        }
        const loss = sum(pool.at(-1)!);
        const outputs = [loss, pool[steps.length % pool.length]!];
        const p = plan(g, outputs);
        checkSlots(p);
        const without = p.lifetimes.reduce((total, { bytes }) => total + bytes, 0);
        expect(p.slots.reduce((total, bytes) => total + bytes, 0)).toBeLessThanOrEqual(without);
        expect(p.peakBytes).toBeGreaterThanOrEqual(byteLength(loss));
      }),
      { numRuns: 200, seed: 1 },
    );
  });

  test('misbound dispatches are caught before a GPU sees them', () => {
    const source = `override N: u32;
@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;
@compute @workgroup_size(64) fn main() {}`;
    const build = (change: object) => {
      const g = graph();
      const x = g.input('x', [4]);
      const op: Op<undefined> = {
        name: 'op',
        outputs: () => [{ shape: [4] }],
        dispatches: ({ inputs, outputs }) => [
          {
            shader: { name: 'op', source },
            entryPoint: 'main',
            constants: { N: 1 },
            reads: { x: inputs[0]! },
            writes: { y: outputs[0]! },
            workgroups: [1, 1, 1],
            ...change,
          },
        ],
      };
      return () => plan(g, g.apply(op, [x], undefined));
    };
    expect(build({})).not.toThrow();
    expect(build({ entryPoint: 'mian' })).toThrow(/op \(op.wgsl\): there is no entry point mian/);
    expect(build({ workgroups: [65536, 1, 1] })).toThrow(/65536 x 1 x 1 workgroups/);
    expect(build({ workgroups: [0, 1, 1] })).toThrow(/must be 1 to 65535/);
    expect(build({ reads: {}, writes: {} })).toThrow(/nothing computes op/);
  });

  test('prints dispatches, buffers and the peak', () => {
    const g = graph();
    const y = relu(relu(g.input('x', [256])));
    const text = String(plan(g, [y]));
    expect(text).toMatch(/2 dispatches in 1 pass/);
    expect(text).toMatch(/relu:relu_1 {2}relu.forward <1, 1, 1>/);
    expect(text).toMatch(/peak: 3\.00 KiB \(3072 bytes\)/);
  });

  test('names no stand-in for a bias that there is not', () => {
    const g = graph();
    const [a, b, bias] = [g.input('a', [8, 16]), g.input('b', [16, 8]), g.input('bias', [8])];
    expect(String(plan(g, [matmul(a, b)]))).not.toContain('bias');
    expect(String(plan(g, [biasAdd(matmul(a, b), bias)]))).toMatch(/bias4?=bias\[8\]/);
  });
});
