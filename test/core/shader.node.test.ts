import { expect, test } from 'vitest';
import { shaderInterface, specialize } from '../../src/shader.ts';

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
