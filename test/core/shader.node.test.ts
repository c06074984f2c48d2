import { readdirSync, readFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { WgslReflect } from 'wgsl_reflect/wgsl_reflect.module.js';
import { type Shader, shaderInterface, specialize } from '../../src/shader/shader.ts';
import { minifyShaders } from '../../tools/wgsl.ts';
import { activatable, IDENTITY } from '../support/activations.ts';

const shader = {
  name: 'demo',
  source: `// override COMMENT: u32; is no declaration
override N: u32;
override RATE: f32 = 0.5;
override FLAG: bool;
@group(0) @binding(0) var<storage, read> x: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> y: array<vec4f>;
@compute @workgroup_size(64)
fn forward(@builtin(workgroup_id) group: vec3u) { }
@compute @workgroup_size(8, 8) fn backward() { }
fn helper() { }`,
};

test('reads bindings, overrides and entry points off the text', () => {
  const found = shaderInterface(shader);
  expect([...found.bindings]).toEqual([
    ['x', { binding: 0, access: 'read' }],
    ['y', { binding: 3, access: 'read_write' }],
  ]);
  expect([...found.overrides.keys()]).toEqual(['N', 'RATE', 'FLAG']);
  expect([...found.entryPoints]).toEqual(['forward', 'backward']);
});

test('bakes constants in by type', () => {
  const text = specialize(shader, { N: 3, RATE: 1, FLAG: 1 });
  expect(text).toContain('const N: u32 = 3u;');
  expect(text).toContain('const RATE: f32 = 1.0;');
  expect(text).toContain('const FLAG: bool = true;');
  expect(specialize(shader, { N: 3, RATE: 1e-7, FLAG: 0 })).toContain('const RATE: f32 = 1e-7;');
  expect(specialize(shader, { N: 3, FLAG: 0 })).toContain('const RATE: f32 = 0.5;');
  expect(specialize(shader, { N: 3, RATE: 3e21, FLAG: 0 })).toContain('const RATE: f32 = 3e+21;');
});

test('refuses what does not fit', () => {
  expect(() => specialize(shader, { N: 3 })).toThrow(/demo: override FLAG got no value/);
  expect(() => specialize(shader, { N: 3, FLAG: 0, M: 1 })).toThrow(/demo: no override is named M/);
  expect(() => specialize(shader, { N: -1, FLAG: 0 })).toThrow(/-1 is no value for override N: u32/);
  expect(() => specialize(shader, { N: 1.5, FLAG: 0 })).toThrow(/1\.5 is no value/);
  expect(() => specialize(shader, { N: 1, FLAG: 0, RATE: Number.NaN })).toThrow(/NaN is no value/);
});

const folder = resolve(import.meta.dirname, '../../shaders');
const files = readdirSync(folder).filter((file) => file.endsWith('.wgsl'));
const originals = new Map(files.map((file) => [basename(file, '.wgsl'), readFileSync(join(folder, file), 'utf8')]));

describe.each([
  ['as they are', originals],
  ['as they are shipped', minifyShaders(originals)],
])('shaders %s, linked with an activation', (_, texts) => {
  const { takers, activations, pairs } = activatable(texts);

  test('there are both', () => {
    expect(takers.map(({ name }) => name).sort()).toEqual([
      'conv2d',
      'conv2dGemm',
      'conv2dRows',
      'matmul',
      'matmulWorkgroup',
    ]);
    expect(activations.map(({ name }) => name).sort()).toEqual([
      'elu',
      'gelu',
      'leakyRelu',
      'relu',
      'sigmoid',
      'softplus',
      'tanh',
    ]);
  });

  test.each(pairs.map((both) => [both.name, both] as const))('%s', (name, both) => {
    const [taker, activation] = both.parts as [Shader, Shader];
    expect(name).toBe(`${taker.name}+${activation.name}`);
    const [before, after] = [shaderInterface(taker), shaderInterface(both)];
    expect(after.bindings).toEqual(before.bindings);
    expect(after.entryPoints).toEqual(before.entryPoints);
    const constants = [...shaderInterface(activation).overrides.keys()].filter((constant) => constant !== 'N');
    expect([...after.overrides.keys()]).toEqual([...before.overrides.keys(), ...constants]);
    // The function is there once, and it is the other one's; a parser takes the text, and finds no name declared twice.
    const bodies = (text: string) => text.split('fn activate(').slice(1);
    expect(bodies(both.source)).toHaveLength(1);
    expect(bodies(activation.source)[0]!.startsWith(bodies(both.source)[0]!.trimEnd())).toBe(true);
    const { storage, overrides, functions, structs, aliases } = new WgslReflect(both.source);
    const constNames = [...both.source.matchAll(/(?:^|[;}])(?:const|var<workgroup>) ?(\w+)/gm)].map(
      ([, text]) => text!,
    );
    const names = [
      ...[...storage, ...overrides, ...functions, ...structs, ...aliases].map((d) => d.name),
      ...constNames,
    ];
    expect(names.length).toBeGreaterThan(10);
    expect(names.filter((other, i) => names.indexOf(other) !== i)).toEqual([]);
    // Lines of the first keep their numbers.
    const lines = taker.source.split('\n');
    expect(both.source.split('\n').slice(0, lines.length - 1)).toEqual(
      lines.slice(0, -1).map((line) => (IDENTITY.test(line) ? '' : line)),
    );
  });
});
