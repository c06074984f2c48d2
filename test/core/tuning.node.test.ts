/** What of tuning needs no GPU: keys, which nodes are worth measuring, and the store in a file. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { ANY_GPU } from '../../src/graph.ts';
import { conv2d, fileStore, type Graph, graph, matmul, type Op, type OpNode } from '../../src/index.ts';
import { kernelsOf } from '../../src/plan/kernels.ts';
import { cacheFolder } from '../../src/runtime/fileStore.ts';
import { multiplyAdds, trialOf, WORTH_MEASURING } from '../../src/runtime/trial.ts';
import { adapterKey } from '../../src/runtime/tuning.ts';

const convolved = (shape: readonly number[], filters: number, window = 3) => {
  const g = graph();
  conv2d(g.input('x', shape), g.input('w', [window, window, shape[3]!, filters]));
  return g.nodes[0]!;
};
const trial = (node: OpNode) => trialOf(node, kernelsOf(node, ANY_GPU), ANY_GPU);

describe('trials', () => {
  test('have a plan for each kernel but the reference, of the node alone', () => {
    const node = convolved([8, 40, 40, 8], 16);
    const { candidates, inputs, key, name } = trial(node)!;
    expect(candidates.map(({ kernel }) => kernel)).toEqual(
      kernelsOf(node, ANY_GPU).filter((kernel) => kernel !== 'plain'),
    );
    expect(candidates.length).toBeGreaterThan(1);
    expect(new Set(candidates.map(({ plan }) => plan.dispatches[0]!.shader.name)).size).toBe(candidates.length);
    expect(inputs.map(({ shape }) => shape)).toEqual(node.inputs.map(({ shape }) => shape));
    expect(key).toMatch(/^conv2d f32\[8, 40, 40, 8\] f32\[3, 3, 8, 16\] [0-9a-f]{16}$/);
    expect(name).toBe(node.name);
  });

  test('are made for nodes that have a choice and are large enough', () => {
    expect(trial(convolved([1, 8, 8, 4], 4))).toBeUndefined();
    const g = graph();
    const [a, b] = [g.input('a', [512, 512]), g.input('b', [512, 512])];
    matmul(a, b);
    expect(trialOf(g.nodes[0]!, ['tiled', 'plain'], ANY_GPU)).toBeUndefined();
    expect(trialOf(g.nodes[0]!, ['plain'], ANY_GPU)).toBeUndefined();
    expect(trialOf(g.nodes[0]!, [], ANY_GPU)).toBeUndefined();
  });

  test('multiply-adds are those of a matrix product, and rank convolutions', () => {
    const g = graph();
    matmul(g.input('a', [30, 50]), g.input('b', [50, 70]));
    expect(multiplyAdds(g.nodes[0]!)).toBeCloseTo(30 * 50 * 70, 6);
    const sizes = [4, 8, 16, 32].map((n) => multiplyAdds(convolved([n, 32, 32, 8], 8)));
    expect([...sizes].sort((p, q) => p - q)).toEqual(sizes);
    // A layer of an ordinary network counts, one of a toy does not.
    expect(multiplyAdds(convolved([32, 28, 28, 8], 16, 5))).toBeGreaterThan(WORTH_MEASURING);
    expect(multiplyAdds(convolved([8, 8, 8, 1], 4))).toBeLessThan(WORTH_MEASURING);
  });
});

describe('keys', () => {
  test('are the same for the same node in another graph, under another name, with other order of attributes', () => {
    const node = convolved([8, 40, 40, 8], 16);
    const { key } = trial(node)!;
    const g = graph();
    g.input('other', [3]);
    const again = g.scope('layer', () => {
      conv2d(g.input('images', [8, 40, 40, 8]), g.input('filters', [3, 3, 8, 16]));
      return g.nodes[0]!;
    });
    const reversed = Object.fromEntries(Object.entries(again.attributes as object).reverse());
    expect(trial({ ...again, attributes: reversed })!.key).toBe(key);
  });

  test('differ by shape, attributes, kernels and shaders', () => {
    const g = graph();
    const conv = (shape: number[], options: Parameters<typeof conv2d>[2] = {}) => {
      conv2d(g.input(`x${g.inputs.length}`, shape), g.input(`w${g.inputs.length}`, [3, 3, 8, 16]), options);
      return trial(g.nodes.at(-1)!)!.key;
    };
    const sum = (kernels: readonly string[], source = '') => {
      const other = graph();
      other.apply(adding(kernels, source), pair(other), {});
      return trial(other.nodes[0]!)!.key;
    };
    const size = [WORTH_MEASURING];
    const pair = (g: Graph) => [g.input('a', size), g.input('b', size)];
    const keys = [
      conv([8, 40, 40, 8]),
      conv([9, 40, 40, 8]),
      conv([8, 40, 40, 8], { padding: 'same' }),
      sum(['p', 'q']),
      sum(['q', 'p']),
      sum(['p', 'q', 'r']),
      sum(['p', 'q'], '// another'),
    ];
    expect(new Set(keys).size).toBe(keys.length);
  });

  test('a tensor that is given twice is one buffer in the trial too', () => {
    const g = graph();
    const a = g.input('a', [WORTH_MEASURING]);
    g.apply(adding(['p', 'q'], ''), [a, a], {});
    expect(trial(g.nodes[0]!)!.inputs).toHaveLength(1);
  });

  test('tell adapters apart', () => {
    const info = (device: string) => ({ vendor: 'v', architecture: 'a', device, description: '' }) as GPUAdapterInfo;
    expect(adapterKey(info('1'))).toBe('v/a/1/');
    expect(adapterKey(info('1'))).not.toBe(adapterKey(info('2')));
  });
});

/** An op of two inputs with the kernels named; what it would do is never run here. */
function adding(kernels: readonly string[], source: string): Op<{ kernel?: string }> {
  const text = `
@group(0) @binding(0) var<storage, read> a: array<f32>;
@group(0) @binding(1) var<storage, read> b: array<f32>;
@group(0) @binding(2) var<storage, read_write> y: array<f32>;
@compute @workgroup_size(64) fn main(@builtin(global_invocation_id) id: vec3u) { y[id.x] = a[id.x] + b[id.x]; }
${source}`;
  return {
    name: 'adding',
    outputs: ([a]) => [{ shape: a!.shape }],
    kernels: () => kernels,
    dispatches: ({ inputs: [a, b], outputs: [y] }) => [
      {
        shader: { name: 'adding', source: text },
        entryPoint: 'main',
        constants: {},
        reads: { a: a!, b: b! },
        writes: { y: y! },
        workgroups: [4, 1, 1],
      },
    ],
  };
}

describe('the store in a file', () => {
  const folder = mkdtempSync(join(tmpdir(), 'neurite-tuning-'));
  const path = join(folder, 'cache', 'neurite', 'tuning.json');
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test('keeps choices for each adapter, adds to them, and leaves nothing else behind', async () => {
    await expect(fileStore(path).load('a')).rejects.toThrow(/ENOENT/); // no harm: see the tests of the tuner
    await fileStore(path).save('a', { p: 'tile' });
    await fileStore(path).save('b', { p: 'rows' });
    await fileStore(path).save('a', { q: 'rows', p: 'window' });
    expect(await fileStore(path).load('a')).toEqual({ p: 'window', q: 'rows' });
    expect(await fileStore(path).load('b')).toEqual({ p: 'rows' });
    expect(await fileStore(path).load('c')).toEqual({});
    expect(readdirSync(join(folder, 'cache', 'neurite'))).toEqual(['tuning.json']);
  });

  test.each(['', '{"a": {"p"', '[]', 'null', '{"a": 7}', '{"a": {"p": 7, "q": null}}'])(
    'is written anew where it held %j',
    async (rubbish) => {
      writeFileSync(path, rubbish);
      await fileStore(path).save('a', { q: 'tile' });
      expect(await fileStore(path).load('a')).toEqual({ q: 'tile' });
    },
  );

  test('does not grow for ever', async () => {
    writeFileSync(path, '{}');
    const many = (from: number) =>
      Object.fromEntries(Array.from({ length: 800 }, (_, i) => [`key ${from + i}`, 'tile']));
    await fileStore(path).save('a', many(0));
    await fileStore(path).save('a', many(800));
    const kept = Object.keys(JSON.parse(readFileSync(path, 'utf8')).a);
    expect(kept).toHaveLength(1000);
    expect(kept.at(-1)).toBe('key 1599');
  });

  test('lies in the folder that the operating system has for caches', () => {
    expect(cacheFolder('linux', { XDG_CACHE_HOME: '/x' }, '/home/me')).toBe('/x');
    expect(cacheFolder('linux', {}, '/home/me')).toBe('/home/me/.cache');
    expect(cacheFolder('darwin', {}, '/Users/me')).toBe('/Users/me/Library/Caches');
    expect(cacheFolder('win32', { LOCALAPPDATA: 'C:\\Local' }, 'C:\\me')).toBe('C:\\Local');
    expect(cacheFolder('win32', {}, 'C:\\me')).toBe('C:\\me\\AppData\\Local');
  });
});
