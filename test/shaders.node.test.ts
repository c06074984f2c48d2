/**
 * The rules for every file in shaders/, checked without a GPU: what the runtime reads off the text agrees with a WGSL
 * parser, each entry point stays within the limits that all devices have, and none that uses workgroup memory has a race.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { detectRaces, type FunctionInfo, type VariableInfo, WgslReflect } from 'wgsl_reflect/wgsl_reflect.module.js';
import { LARGE, MEDIUM, NARROW, tileConstants } from '../src/ops/gemm.ts';
import { type Shader, shaderInterface, specialize } from '../src/shader/shader.ts';

const MOST_STORAGE_BUFFERS = 8;
const MOST_INVOCATIONS = 256;
const MOST_WORKGROUP_BYTES = 16 * 1024;

/** A dispatch small enough to be run, invocation by invocation, on the CPU. */
interface RaceCase {
  readonly why: string;
  readonly constants: Readonly<Record<string, number>>;
  readonly workgroups: readonly [number, number, number];
  /** Elements of storage buffers, by name; 4096 if absent. Buffers hold small positive numbers. */
  readonly lengths?: Readonly<Record<string, number>>;
}

const TOTALS: RaceCase = {
  why: 'more rows than invocations, and an odd number of them',
  constants: { ROWS: 77, CLASSES: 3, SLOTS: 2, LOSS: 0, ACCURACY: 1, SCALE: 1 },
  workgroups: [1, 1, 1],
};

/** Cases by `file.entryPoint`. One that uses workgroup memory must stand here; the others share nothing but their outputs. */
const RACE_CASES: Readonly<Record<string, readonly RaceCase[]>> = {
  'lossScaling.finish': [{ why: 'more flags than invocations', constants: { FLAGS: 77 }, workgroups: [1, 1, 1] }],
  'nonFinite.finish': [{ why: 'more flags than invocations', constants: { FLAGS: 77 }, workgroups: [1, 1, 1] }],
  'softmaxCrossEntropy.totalsClasses': [TOTALS],
  'softmaxCrossEntropy.totalsTruth': [TOTALS],
  'matmulWorkgroup.tile4': [
    {
      why: 'the largest tile',
      constants: { ...matmulSizes(36, 17, 40), ...tileConstants(LARGE) },
      workgroups: [1, 1, 1],
    },
    {
      why: 'two parts of k',
      constants: { ...matmulSizes(68, 20, 8, 2), ...tileConstants(MEDIUM) },
      workgroups: [4, 1, 1],
    },
  ],
  'matmulWorkgroup.tile': [
    { why: 'odd sizes', constants: { ...matmulSizes(33, 17, 5, 2), ...tileConstants(MEDIUM) }, workgroups: [2, 1, 1] },
  ],
  'conv2dGemm.tile4': [
    {
      why: 'two parts',
      constants: { ...convSizes(4, 4), ...tileConstants(NARROW), SPLITS: 2, LENGTH: 16, SLICE: 36 },
      workgroups: [2, 1, 1],
    },
  ],
  'conv2dGemm.tile': [
    {
      why: 'odd channels',
      constants: { ...convSizes(3, 5), ...tileConstants(NARROW), SPLITS: 1, LENGTH: 18, SLICE: 48 },
      workgroups: [1, 1, 1],
    },
  ],
  'conv2dFilterGradGemm.tile': [
    {
      why: 'two steps of 8 pixels',
      constants: { ...convSizes(4, 4), ...tileConstants(NARROW), CHUNKS: 1, LENGTH: 16 },
      workgroups: [1, 1, 1],
    },
  ],
};

/** Overrides of a convolution of 3 x 5 images of `c` channels by 2 x 3 windows, padded at the top, without those of its sums. */
function convSizes(c: number, k: number): Record<string, number> {
  const image = { PIXELS: 9, H: 3, W: 5, C: c, OH: 3, OW: 3, K: k, CG: c, KG: k };
  return { ...image, KH: 2, KW: 3, SY: 1, SX: 1, DY: 1, DX: 1, TOP: 1, LEFT: 0 };
}

/** Overrides of the workgroup-tiled matmul, with k cut into parts of 16. */
function matmulSizes(m: number, k: number, n: number, splits = 1): Record<string, number> {
  const sizes = { M: m, K: k, N: n, TRANSPOSE_A: 0, TRANSPOSE_B: 1, SPLITS: splits, LENGTH: splits > 1 ? 16 : k };
  return { ...sizes, SLICE: Math.ceil((m * n) / 4) * 4 };
}

const folder = resolve(import.meta.dirname, '../shaders');
const shaders = readdirSync(folder)
  .filter((file) => file.endsWith('.wgsl'))
  .map((file): Shader => ({ name: basename(file, '.wgsl'), source: readFileSync(join(folder, file), 'utf8') }));

/** @throws with the file's name; the parser's own messages have a line only */
function parse({ name, source }: Shader): WgslReflect {
  try {
    return new WgslReflect(source);
  } catch (error) {
    // Words that it takes for keywords although WGSL does not.
    const taken = /\b(?:block|read|write|function|private|storage|uniform|workgroup|type)\b/;
    const line = Number(/Line: (\d+)/.exec(String(error))?.[1]);
    const text = source.split('\n')[line - 1] ?? '';
    const hint = taken.test(text) ? ' (wgsl_reflect takes a word here for a keyword: use another name)' : '';
    throw new Error(`shaders/${name}.wgsl: ${error}${hint}\n${text}`);
  }
}

function withoutComments(source: string): string {
  return source.replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '');
}

/** Values for all overrides: those of the file's first race case, else 1 for what has no default. */
function representativeConstants(shader: Shader): Record<string, number> {
  const listed = Object.entries(RACE_CASES).find(([key]) => key.startsWith(`${shader.name}.`))?.[1][0]?.constants;
  const open = [...shaderInterface(shader).overrides].filter(([, { hasDefault }]) => !hasDefault);
  return { ...Object.fromEntries(open.map(([name]) => [name, 1])), ...listed };
}

const WORKGROUP_GROUP = 99;
const isWorkgroup = ({ group }: VariableInfo) => group === WORKGROUP_GROUP;

/**
 * An entry point with the workgroup variables among its resources: the parser lists only those of bind groups, so workgroup
 * variables are dressed up as storage buffers of a group of their own.
 */
function entryPoint(shader: Shader, name: string): FunctionInfo {
  let binding = 0;
  const dress = () => `@group(${WORKGROUP_GROUP}) @binding(${binding++}) var<storage, read_write>`;
  const source = specialize(shader, representativeConstants(shader)).replace(/var<\s*workgroup\s*>/g, dress);
  return parse({ name: shader.name, source }).entry.compute.find((entry) => entry.name === name)!;
}

/** Runs one entry point on the CPU. @returns the races that it has, as text, and what else went wrong */
function findRaces(shader: Shader, name: string, { constants, workgroups, lengths = {} }: RaceCase): string[] {
  const code = specialize(shader, constants);
  const buffers = parse({ ...shader, source: code }).storage.map((variable) => {
    const values = Array.from({ length: lengths[variable.name] ?? 4096 }, (_, i) => (i % 7) + 1);
    const element = variable.type.getTypeName();
    const make = /u32/.test(element) ? Uint32Array : /i32/.test(element) ? Int32Array : Float32Array;
    return [variable.binding, make.from(values)];
  });
  const { races, errors } = detectRaces(code, name, [...workgroups], { 0: Object.fromEntries(buffers) });
  return [...races.map(({ message }) => message), ...errors];
}

test('there are shaders', () => expect(shaders.length).toBeGreaterThan(4));

test('every race case is of an entry point that exists', () => {
  for (const key of Object.keys(RACE_CASES)) {
    const [file, entryPoint] = key.split('.');
    const shader = shaders.find(({ name }) => name === file);
    expect(shader && shaderInterface(shader).entryPoints.has(entryPoint!), key).toBe(true);
  }
});

describe.each(shaders.map((shader) => [`${shader.name}.wgsl`, shader] as const))('%s', (_, shader) => {
  const declared = shaderInterface(shader);

  test('starts with its name', () => {
    expect(shader.source.startsWith(`// ${shader.name}`), shader.source.split('\n')[0]).toBe(true);
  });

  test('is WGSL as it stands, and when its overrides are constants', () => {
    const names = ({ entry }: WgslReflect) => entry.compute.map(({ name }) => name);
    const plain = parse(shader);
    const specialized = parse({ ...shader, source: specialize(shader, representativeConstants(shader)) });
    expect(names(plain).length).toBeGreaterThan(0);
    expect(names(specialized)).toEqual(names(plain));
    expect(specialized.overrides).toEqual([]);
  });

  test('bindings, overrides and entry points are read as a parser reads them', () => {
    const { storage, uniforms, textures, overrides, entry } = parse(shader);
    expect([...uniforms, ...textures]).toEqual([]);
    expect(storage.map(({ group }) => group).filter((group) => group !== 0)).toEqual([]);
    const bindings = storage.map(({ name, binding, access }) => [name, { binding, access }] as const);
    expect(new Map(bindings)).toEqual(declared.bindings);
    const types = new Map([...declared.overrides].map(([name, { type }]) => [name, type]));
    expect(new Map(overrides.map(({ name, type }) => [name, type?.getTypeName()]))).toEqual(types);
    expect(new Set(entry.compute.map(({ name }) => name))).toEqual(declared.entryPoints);
  });

  test('declares nothing that it does not use', () => {
    const words = withoutComments(shader.source).match(/\b\w+\b/g) ?? [];
    const once = [...declared.overrides.keys(), ...declared.bindings.keys()].filter(
      (name) => words.filter((word) => word === name).length < 2,
    );
    expect(once).toEqual([]);
  });

  describe.each([...declared.entryPoints])('%s', (name) => {
    const cases = RACE_CASES[`${shader.name}.${name}`] ?? [];

    test('stays within the limits of every device', () => {
      const { workgroupSize, resources } = entryPoint(shader, name);
      const storage = resources.filter((resource) => !isWorkgroup(resource));
      const bytes = resources.filter(isWorkgroup).reduce((sum, { size }) => sum + size, 0);
      expect(
        workgroupSize!.reduce((product, n) => product * n, 1),
        'invocations',
      ).toBeLessThanOrEqual(MOST_INVOCATIONS);
      // Counted by binding, of which an entry point uses each once: the parser takes a local name, or the w of a vector, for a
      // buffer of that name.
      const bindings = new Set(storage.map((variable) => variable.binding));
      expect(bindings.size, 'storage buffers').toBeLessThanOrEqual(MOST_STORAGE_BUFFERS);
      expect(
        storage.some(({ access }) => access === 'read_write'),
        'writes something',
      ).toBe(true);
      expect(bytes, 'bytes of workgroup memory').toBeLessThanOrEqual(MOST_WORKGROUP_BYTES);
    });

    test('has a case to look for races in if it uses workgroup memory', () => {
      const shared = entryPoint(shader, name).resources.filter(isWorkgroup);
      expect(shared.length === 0 || cases.length > 0, `add ${shader.name}.${name} to RACE_CASES`).toBe(true);
    });

    for (const raceCase of cases) {
      test(`has no race: ${raceCase.why}`, () => expect(findRaces(shader, name, raceCase)).toEqual([]));
    }
  });
});

describe('the checks can fail', () => {
  const reduction = (barrier: string): Shader => ({
    name: 'planted',
    source: `
      override N: u32;
      const SIZE = 32u;
      @group(0) @binding(0) var<storage, read> x: array<f32>;
      @group(0) @binding(1) var<storage, read_write> y: array<f32>;
      var<workgroup> tile: array<vec2f, SIZE>;
      fn put(local: u32, value: f32) { tile[local] = vec2f(value); }
      @compute @workgroup_size(SIZE)
      fn total(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) local: u32) {
        put(local, x[(group.x * SIZE + local) % N]);
        workgroupBarrier();
        for (var half = SIZE / 2u; half > 0u; half /= 2u) {
          if (local < half) { tile[local] += tile[local + half]; }
          ${barrier}
        }
        if (local == 0u) { y[group.x] = tile[0].x; }
      }`.replace(/^ {6}/gm, ''),
  });
  const raceCase: RaceCase = { why: 'two groups', constants: { N: 50 }, workgroups: [2, 1, 1] };

  test('a barrier that is missing is found, and one that is there is seen', () => {
    expect(findRaces(reduction('workgroupBarrier();'), 'total', raceCase)).toEqual([]);
    expect(findRaces(reduction(''), 'total', raceCase).join()).toMatch(/race on 'tile'/);
  });

  test('workgroup memory is counted by entry point, also where a function uses it', () => {
    const { resources, workgroupSize } = entryPoint(reduction(''), 'total');
    expect(resources.filter(isWorkgroup).map(({ name, size }) => [name, size])).toEqual([['tile', 32 * 8]]);
    expect(workgroupSize).toEqual([32, 1, 1]);
  });
});
