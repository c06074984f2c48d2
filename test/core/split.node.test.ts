import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { layers, sgd } from '../../src/index.ts';
import { Network } from '../../src/nn/network.ts';
import { makeStepSpec } from '../../src/nn/step/spec.ts';
import { buildStep } from '../../src/nn/step/step.ts';
import type { Device } from '../../src/runtime/device.ts';
import { measuredPieces } from '../../src/runtime/pieces.ts';
import type { Timed } from '../../src/runtime/stopwatch.ts';
import { type Grid, piecesOf, splitShader } from '../../src/shader/split.ts';

describe('pieces of a grid', () => {
  test('cover it once, in order, and none is empty or twice as large as another', () => {
    const side = fc.integer({ min: 1, max: 400 });
    fc.assert(
      fc.property(fc.tuple(side, side, side), fc.integer({ min: 1, max: 500 }), (grid, count) => {
        const pieces = piecesOf(grid as Grid, count);
        expect(pieces.length).toBe(Math.min(count, Math.max(...grid)));
        const axis = grid.indexOf(Math.max(...grid));
        let end = 0;
        for (const { origin, workgroups } of pieces) {
          expect(origin).toEqual([0, 0, 0].map((zero, i) => (i === axis ? end : zero)));
          expect(workgroups.filter((_, i) => i !== axis)).toEqual(grid.filter((_, i) => i !== axis));
          end += workgroups[axis]!;
        }
        expect(end).toBe(grid[axis]);
        const sizes = pieces.map(({ workgroups }) => workgroups[axis]!);
        expect(Math.min(...sizes)).toBeGreaterThan(0);
        expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
      }),
    );
  });
});

describe('the text', () => {
  const shader = (source: string) => ({ name: 'x', source });
  const split = (source: string, entry = 'main') => splitShader(shader(source), source, entry, [5, 6, 7]);

  test('gets the origin and the whole grid, on the same lines, at the chosen entry point alone', () => {
    const source = [
      'enable f16;',
      '@compute @workgroup_size(64)',
      'fn other(@builtin(workgroup_id) group: vec3u) {}',
      '@compute @workgroup_size(64)',
      'fn main(@builtin(num_workgroups) groups: vec3u, @builtin(workgroup_id) group: vec3u) {',
      '  x[group.x + groups.x] = 1;',
      '}',
    ].join('\n');
    expect(split(source).split('\n')).toEqual([
      ...source.split('\n').slice(0, 4),
      'fn main(@builtin(num_workgroups) groups_piece: vec3u, @builtin(workgroup_id) group_piece: vec3u) ' +
        '{ let groups = vec3u(5, 6, 7); let group = group_piece + piece_origin;',
      '  x[group.x + groups.x] = 1;',
      '}',
      '@group(1) @binding(0) var<uniform> piece_origin: vec3u;',
    ]);
  });

  test('may be minified, and may have the names already', () => {
    const source = '@compute@workgroup_size(64)fn main(@builtin(workgroup_id)a:vec3u){let a_piece=a.x;}';
    expect(split(source)).toContain(
      'fn main(@builtin(workgroup_id)a_piece_:vec3u){ let a = a_piece_ + piece_origin;let a_piece=a.x;}',
    );
  });

  test('is refused where it asks for its place in another way', () => {
    expect(() => split('@compute @workgroup_size(1) fn main(@builtin(global_invocation_id) id: vec3u) {}')).toThrow(
      'shader x: main asks for global_invocation_id; use workgroup_id.',
    );
    expect(() => split('fn main() {}', 'none')).toThrow('shader x: there is no entry point none.');
  });
});

describe('how many pieces', () => {
  const specs = [
    layers.conv2d({ inputShape: [64, 64, 8], filters: 32, kernelSize: 5, activation: 'relu' }),
    layers.globalAvgPool2d(),
    layers.dense({ units: 2 }),
  ];
  const spec = makeStepSpec(new Network(specs, () => 0), { loss: 'sparseCategoricalCrossentropy', optimizer: sgd() });
  const { plan } = buildStep('train', spec, 64);
  const { dispatches } = plan;

  /** A device on which a launch takes 20 microseconds, and each workgroup a number of them. */
  async function measured(perGroup: number, device = { isSoftware: false } as Device, { dispatches } = plan) {
    const launched: { index: number; share: number }[] = [];
    let spent = 0;
    const watch = {
      least: 2000,
      async time(runs: readonly Timed[]) {
        return runs.map(({ session }) => {
          session.record(undefined as never, 1);
          const { index, share } = launched.at(-1)!;
          const [x, y, z] = dispatches[index]!.workgroups;
          const elapsed = 20 + perGroup * x * y * z * share;
          spent += elapsed;
          return elapsed;
        });
      },
      destroy: () => {},
    };
    const record = (_: unknown, index: number, share: number) => void launched.push({ index, share });
    const count = await measuredPieces(device, dispatches, record, () => watch);
    return { count, launched, spent, device };
  }

  test.each([0.001, 1, 30, 1000])('%s us a workgroup: none that takes longer than 80 ms', async (perGroup) => {
    const { count, launched, spent } = await measured(perGroup);
    const probed = [...new Set(launched.map(({ index }) => index))];
    expect(probed.length).toBeGreaterThan(1);
    for (const index of probed) {
      const [x, y, z] = dispatches[index]!.workgroups;
      const time = perGroup * x * y * z;
      const pieces = count(dispatches[index]!);
      expect(time / pieces).toBeLessThanOrEqual(80_000);
      if (pieces > 1) expect(time / pieces).toBeLessThanOrEqual(50_000);
      expect(pieces).toBeLessThanOrEqual(Math.ceil(time / 45_000) + 1); // a launch counts, too
    }
    // Twice a first look of 1024 workgroups, and what it takes to see 5 ms, each time at most 16 times as much.
    expect(spent).toBeLessThan(probed.length * 2 * (1024 * perGroup + 16 * 10_000));
  });

  test('what is surely short, or changes what outlives a step, is not tried', async () => {
    const { launched, count } = await measured(1000);
    const probed = new Set(launched.map(({ index }) => index));
    for (const [i, dispatch] of dispatches.entries()) {
      const changes = dispatch.bindings.some(({ access, storage }) => access !== 'read' && storage.kind !== 'slot');
      if (changes) expect([...probed], dispatch.label).not.toContain(i);
      if (!probed.has(i)) expect(count(dispatch), dispatch.label).toBeLessThan(2);
    }
    expect(dispatches.length - probed.size).toBeGreaterThan(3);
  });

  test.each([
    ['a graphics processor', false, 2 ** 24],
    ['a CPU', true, 2 ** 21],
  ])('an update, which cannot be tried, goes by its elements on %s', async (_, isSoftware, few) => {
    const updates = async (units: number) => {
      const dense = new Network([layers.dense({ inputShape: [2 ** 12], units, useBias: false })], () => 0);
      const { plan } = buildStep('train', makeStepSpec(dense, { loss: 'meanSquaredError', optimizer: sgd() }), 1);
      const { count } = await measured(0, { isSoftware } as Device, plan);
      return plan.dispatches.filter(({ label }) => label.startsWith('sgdUpdate')).map(count);
    };
    expect(await updates((2 * few) / 2 ** 12)).toEqual([1]);
    expect(await updates((7 * few) / 2 ** 12)).toEqual([4]);
  });

  test('nothing is measured twice on a device', async () => {
    const first = await measured(10);
    const second = await measured(10, first.device);
    expect(second.launched).toEqual([]);
    expect(dispatches.map(second.count)).toEqual(dispatches.map(first.count));
  });
});
