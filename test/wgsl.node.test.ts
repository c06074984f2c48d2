/** Shaders as they are shipped: shorter, and to the runtime and to a parser the same. */
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { WgslReflect } from 'wgsl_reflect/wgsl_reflect.module.js';
import { shaderInterface, specialize } from '../src/shader/shader.ts';
import { minifyShaders } from '../tools/wgsl.ts';

const minify = (source: string) => minifyShaders(new Map([['one', source]])).get('one')!;

describe('minified text', () => {
  test('has no comment, no white space that is not needed, no comma that says nothing', () => {
    const source = '// one\nconst A = 1u; /* two /* nested // */ */ const B = vec2u(\n  A, // three\n  A,\n);';
    expect(minify(source)).toBe('const a=1u;const b=vec2u(a,a);');
    expect(minify('const größe = 0x1e + 1e-3f;')).toBe('const a=0x1e+1e-3f;');
  });

  test('keeps the names that the runtime binds by', () => {
    const source = `
      override SIZE: u32;
      override HALF: u32 = SIZE / 2u;
      @group(0) @binding(0) var<storage, read> input: array<f32>;
      @group(0) @binding(1) var<storage, read_write> output: array<f32>;
      var<workgroup> tile: array<f32, 64>;
      fn helper(index: u32) -> f32 { return input[index]; }
      @compute @workgroup_size(SIZE)
      fn forward(@builtin(local_invocation_index) local: u32) { tile[local] = helper(local); output[local] = tile[HALF]; }`;
    expect(minify(source)).toBe(
      'override SIZE:u32;override HALF:u32=SIZE/2u;@group(0)@binding(0)var<storage,read>input:array<f32>;' +
        '@group(0)@binding(1)var<storage,read_write>output:array<f32>;var<workgroup>b:array<f32,64>;' +
        'fn c(a:u32)->f32{return input[a];}' +
        '@compute@workgroup_size(SIZE)fn forward(@builtin(local_invocation_index)a:u32){b[a]=c(a);output[a]=b[HALF];}',
    );
  });

  test('tells members and swizzles from names', () => {
    const source =
      'struct Pair { x: u32, wide: vec4u }\nfn f(x: Pair, wide: u32) -> u32 { return x.x + x.wide.w + wide; }';
    expect(minify(source)).toMatch(
      /^struct (\w){x:u32,wide:vec4u}fn \w\((\w):\1,(\w):u32\)->u32{return \2.x\+\2.wide.w\+\3;}$/,
    );
  });

  test('tells a local from what it shadows, before its declaration and after its block', () => {
    const source = `
      fn twice(value: f32) -> f32 { return 2.0 * value; }
      fn f(step: f32) -> f32 {
        let min = min(step, 1.0);
        { let max = max(min, 0.0); if (max > 0.5) { return max; } }
        for (var abs = 0; abs < 3; abs++) { let twice = twice(f32(abs)); if (twice > 1.0) { return twice; } }
        return max(abs(min), twice(min));
      }`;
    const text = minify(source);
    const [, twice] = /^fn (\w+)\(/.exec(text)!;
    const [, min] = /let (\w+)=min\((?!\1)\w,1.0\)/.exec(text)!;
    const [, max] = new RegExp(`let (\\w+)=max\\(${min},0.0\\);if\\(\\1>0.5\\){return \\1;}`).exec(text)!;
    // One name for the function and the local that shadows it: the shadow falls as it fell.
    expect(text).toMatch(new RegExp(`for\\(var (\\w+)=0;\\1<3;\\1\\+\\+\\){let ${twice}=${twice}\\(f32\\(\\1\\)\\)`));
    expect(text).toContain(`return max(abs(${min}),${twice}(${min}));}`);
    expect(max).not.toBe('max');
  });

  test('gives no name twice among those that a function mentions, and no reserved word', () => {
    const names = Array.from({ length: 120 }, (_, i) => `value${i}`);
    const lets = names.map((name, i) => `let ${name} = ${i}u;`).join('\n');
    const text = minify(`fn f(a: u32) -> u32 { ${lets} return a + ${names.join(' + ')}; }`);
    const given = [...text.matchAll(/let (\w+)=/g)].map(([, name]) => name!);
    expect(new Set(given).size).toBe(120);
    expect(given.filter((name) => ['as', 'do', 'fn', 'if', 'of', 'on'].includes(name))).toEqual([]);
    expect(Math.max(...given.map((name) => name.length))).toBe(2);
  });

  test('keeps white space between marks that would become another', () => {
    expect(minify('fn f(a: i32) -> i32 { return a - -a; }')).toContain('- -');
    expect(minify('fn f(p: ptr<function, i32>) -> i32 { return 8 / *p; }')).toContain('/ *');
    expect(minify('fn f() { var v: vec2<f32> = vec2f(); }')).toContain('vec2<f32> =');
  });

  test('leaves directives and words of attributes alone', () => {
    const source =
      'enable f16;\n@compute @workgroup_size(1) fn main(@builtin(workgroup_id) f16x: vec3u) { let y = f16x; }';
    expect(minify(source)).toMatch(
      /^enable f16;@compute@workgroup_size\(1\)fn main\(@builtin\(workgroup_id\)(\w):vec3u\)/,
    );
  });

  test('names the same things the same in all files', () => {
    const [one, two] = minifyShaders(
      new Map([
        ['one', 'fn first(total: f32) -> f32 { return total * 3.0; }\nfn second(x: f32) -> f32 { return first(x); }'],
        ['two', 'const other = 1.0;\nfn first(total: f32) -> f32 { return total * 3.0; }'],
      ]),
    ).values();
    expect(two).toContain(/^.*?}/.exec(one!)![0]);
  });
});

const folder = resolve(import.meta.dirname, '../shaders');
const originals = new Map(
  readdirSync(folder)
    .filter((file) => file.endsWith('.wgsl'))
    .map((file) => [file, readFileSync(join(folder, file), 'utf8')]),
);
const minified = minifyShaders(originals);

/** What a shader is to those outside, as a parser reads it. */
function reflected(source: string) {
  const { storage, overrides, entry } = new WgslReflect(source);
  return {
    storage: storage.map(({ name, group, binding, access, type }) => [
      name,
      group,
      binding,
      access,
      type.getTypeName(),
    ]),
    overrides: overrides.map(({ name, type }) => [name, type?.getTypeName()]),
    entryPoints: entry.compute.map(({ name, arguments: inputs }) => [
      name,
      inputs.map(({ type }) => type?.getTypeName()),
    ]),
  };
}

const tokens = (source: string) =>
  source
    .replace(/\/\/.*/g, '')
    .replace(/,(?=\s*[)}])/g, '')
    .match(/[A-Za-z_]\w*|[\d.][\w.]*|\S/g)!;

function withoutBlocks(source: string): string {
  const shorter = source.replace(/{[^{}]*}/g, '');
  return shorter === source ? source : withoutBlocks(shorter);
}

describe.each([...originals])('%s', (file, original) => {
  const shipped = minified.get(file)!;

  test('has the same entry points, bindings and overrides, to a parser and to the runtime', () => {
    expect(reflected(shipped)).toEqual(reflected(original));
    const [before, after] = [original, shipped].map((source) => shaderInterface({ name: file, source }));
    expect(after).toEqual(before);
    const open = [...before!.overrides].filter(([, { hasDefault }]) => !hasDefault);
    const constants = Object.fromEntries(open.map(([name]) => [name, 1]));
    expect(specialize({ name: file, source: shipped }, constants)).not.toMatch(/\boverride\b/);
  });

  test('differs in names alone', () => {
    const [before, after] = [tokens(original), tokens(shipped)];
    expect(after.length).toBe(before.length);
    const changed = before.flatMap((word, i) => (word === after[i] ? [] : [[word, after[i]!] as const]));
    expect(changed.length).toBeGreaterThan(0);
    expect(changed.filter(([word, short]) => !/^[A-Za-z]\w*$/.test(word) || !/^[A-Za-z]{1,2}$/.test(short))).toEqual(
      [],
    );
    const short = new Map(changed);
    expect(changed.filter(([word, name]) => short.get(word) !== name)).toEqual([]);
    const declared = [...withoutBlocks(shipped).matchAll(/\b(?:fn|const|override|struct|var(?:<[^>]*>)?) ?(\w+)/g)];
    expect(new Set(declared.map(([, name]) => name)).size).toBe(declared.length);
  });
});
