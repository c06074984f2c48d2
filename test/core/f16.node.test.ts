import { readdirSync, readFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { WgslReflect } from 'wgsl_reflect/wgsl_reflect.module.js';
import { ArgumentError } from '../../src/index.ts';
import { floatArrays, halve } from '../../src/shader/f16.ts';
import type { Shader } from '../../src/shader/shader.ts';
import { minifyShaders } from '../../tools/wgsl.ts';
import { activatable } from '../support/activations.ts';

const folder = resolve(import.meta.dirname, '../../shaders');
const shaders = readdirSync(folder)
  .filter((file) => file.endsWith('.wgsl'))
  .map((file): Shader => ({ name: basename(file, '.wgsl'), source: readFileSync(join(folder, file), 'utf8') }));

const texts = new Map(shaders.map(({ name, source }) => [name, source]));

const DECLARATIONS = `@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read> x4: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> y: array<f32>;
@group(0) @binding(3) var<storage, read_write> y4: array<vec4f>;
@group(0) @binding(4) var<storage, read> count: array<u32>;
`;

/** The body after all float arrays were narrowed. */
function halved(body: string): string {
  const source = `${DECLARATIONS}${body}`;
  const text = halve({ name: 'demo', source }, source, ['x', 'x4', 'y', 'y4']);
  return text.slice(text.indexOf('array<u32>;\n') + 'array<u32>;\n'.length);
}

describe('every shader with all its float arrays narrowed', () => {
  test.each(shaders.map((shader) => [shader.name, shader] as const))('%s', (_, shader) => {
    const names = [...floatArrays(shader).keys()];
    const text = halve(shader, shader.source, names);
    expect(text.split('\n').length, 'lines keep their numbers').toBe(shader.source.split('\n').length);
    const { storage, entry } = new WgslReflect(text);
    const before = new WgslReflect(shader.source);
    expect(entry.compute.map(({ name }) => name)).toEqual(before.entry.compute.map(({ name }) => name));
    for (const [i, { name, type, access }] of storage.entries()) {
      const was = before.storage[i]!;
      expect([name, access]).toEqual([was.name, was.access]);
      const element = was.type.getTypeName();
      const want = names.includes(name) ? element.replace('f32', 'f16').replace(/(vec[24])f/, '$1h') : element;
      expect(type.getTypeName(), name).toBe(want);
    }
    // What is left of the narrowed names are declarations, converted loads, and targets of converted stores.
    for (const name of names) {
      const uses = text.match(new RegExp(`(?<![\\w.])${name}\\b`, 'g'))!;
      const loads = text.match(new RegExp(`(?:f32|vec[24]f)\\(${name}\\[`, 'g')) ?? [];
      const stores =
        text.match(new RegExp(`(?<![\\w.(])${name}\\[[^=;]*\\](?:\\.\\w)? = (?:f16|vec[24]h)\\(`, 'g')) ?? [];
      expect(loads.length + stores.length, name).toBe(uses.length - 1);
    }
  });

  test('as they are shipped, too: minified, where locals hide storage', () => {
    const minified = minifyShaders(texts);
    for (const [name, source] of minified) {
      const shader = { name, source };
      const names = [...floatArrays(shader).keys()];
      expect(names, name).toEqual([...floatArrays(shaders.find((other) => other.name === name)!).keys()]);
      const { storage } = new WgslReflect(halve(shader, source, names));
      const narrowed = storage.filter(({ type }) => /f16|vec[24]h/.test(type.getTypeName()));
      expect(narrowed.map((variable) => variable.name)).toEqual(names);
    }
  });

  test.each([
    ['as it is', texts],
    ['as it is shipped', minifyShaders(texts)],
  ])('%s, with every activation in it', (_, some) => {
    const { pairs } = activatable(some);
    expect(pairs.length).toBe(35);
    for (const shader of pairs) {
      const names = [...floatArrays(shader).keys()];
      expect(names).toEqual([...floatArrays(shader.parts![0]!).keys()]);
      const { storage } = new WgslReflect(halve(shader, shader.source, names));
      const narrowed = storage.filter(({ type }) => /f16|vec[24]h/.test(type.getTypeName()));
      expect(narrowed.map((variable) => variable.name)).toEqual(names);
    }
  });

  test('finds the arrays', () => {
    const count = shaders.reduce((sum, shader) => sum + floatArrays(shader).size, 0);
    expect(count).toBeGreaterThan(shaders.length);
  });
});

describe('the text', () => {
  test('declarations', () => {
    const source = `// x\n${DECLARATIONS}`;
    expect(halve({ name: 'demo', source }, source, ['x4', 'y'])).toBe(
      `enable f16;     \n${DECLARATIONS.replace('x4: array<vec4f>', 'x4: array<vec4h>').replace('y: array<f32>', 'y: array<f16>')}`,
    );
    expect(halve({ name: 'demo', source }, source, [])).toBe(source);
  });

  test.each([
    ['let a = x[i];', 'let a = f32(x[i]);'],
    ['let a = x4 [ i ].y * x[2u * i];', 'let a = vec4f(x4[ i ]).y * f32(x[2u * i]);'],
    ['let a = x4[i][j];', 'let a = vec4f(x4[i])[j];'],
    ['let a = x[u32(x[i]) + count[i]];', 'let a = f32(x[u32(f32(x[i])) + count[i]]);'],
    ['if (x[i] == y[i]) { }', 'if (f32(x[i]) == f32(y[i])) { }'],
    ['if (x[i] <= y[i]) { y[i] = 1.0; }', 'if (f32(x[i]) <= f32(y[i])) { y[i] = f16(1.0); }'],
    ['y[i] = x[i] + 1.0;', 'y[i] = f16(f32(x[i]) + 1.0);'],
    ['y4[f(i, j)] = select(x4[i], x4[j], b);', 'y4[f(i, j)] = vec4h(select(vec4f(x4[i]), vec4f(x4[j]), b));'],
    ['y[i] += x[i];', 'y[i] = f16(f32(y[i]) + (f32(x[i])));'],
    ['y4[i]*=a - b;', 'y4[i] = vec4h(vec4f(y4[i]) * (a - b));'],
    ['y4[i].x = a;', 'y4[i].x = f16(a);'],
    ['y4[i][j] -= x[i];', 'y4[i][j] = f16(f32(y4[i][j]) - (f32(x[i])));'],
    ['y[u32(x[0])] = y[i];', 'y[u32(f32(x[0]))] = f16(f32(y[i]));'],
    ['let a = v.x + v.y4;', 'let a = v.x + v.y4;'],
    ['let n = count[i] + xy[i];', 'let n = count[i] + xy[i];'],
    ['fn f(x: f32) -> f32 { return x * y[0]; }', 'fn f(x_local: f32) -> f32 { return x_local * f32(y[0]); }'],
    [
      'fn f(@builtin(a) y: vec3u, x: u32) { y4[x] = x4[y.x]; }',
      'fn f(@builtin(a) y_local: vec3u, x_local: u32) { y4[x_local] = vec4h(vec4f(x4[y_local.x])); }',
    ],
    [
      'fn f() { let x = x[0]; if (a) { y[0] = x; } } fn g() { y[0] = x[1]; }',
      'fn f() { let x_local = f32(x[0]); if (a) { y[0] = f16(x_local); } } fn g() { y[0] = f16(f32(x[1])); }',
    ],
    [
      'fn f() { if (a) { var x: vec4f; x[0] = 1.0; } y[0] = x[1]; }',
      'fn f() { if (a) { var x_local: vec4f; x_local[0] = 1.0; } y[0] = f16(f32(x[1])); }',
    ],
    [
      'fn f() { for (var x = 0u; x < 3u; x++) { y[x] = 0.0; } y[0] = x[1]; }',
      'fn f() { for (var x_local = 0u; x_local < 3u; x_local++) { y[x_local] = f16(0.0); } y[0] = f16(f32(x[1])); }',
    ],
    [
      'fn f() { let x_local = x[0]; let x = x_local; y[0] = x; }',
      'fn f() { let x_local = f32(x[0]); let x_local_ = x_local; y[0] = f16(x_local_); }',
    ],
    ['y[i]=x[i];y[j]=0.;', 'y[i] = f16(f32(x[i]));y[j] = f16(0.);'],
  ])('%s', (body, want) => {
    expect(halved(body)).toBe(want);
  });

  test('what is not understood is refused', () => {
    for (const body of [
      'let p = &x;',
      'f(&x[0], arrayLength(&x));',
      'for (; i < 3; y[i] = 2.0) { }',
      'y[i]++;',
      'y[i] <<= 1;',
      'let a = x[i;',
    ]) {
      expect(() => halved(body), body).toThrow(ArgumentError);
    }
    const source = DECLARATIONS;
    expect(() => halve({ name: 'demo', source }, source, ['count'])).toThrow(/demo: count is no array/);
    expect(() => halve({ name: 'demo', source }, source, ['z'])).toThrow(/demo: z is no array/);
  });
});
