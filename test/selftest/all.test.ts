/** The whole self-test, op by op: one test of minutes would not tell where it is. */
import { readdirSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Device, requestDevice } from '../../src/index.ts';
import { formatReport, selfTest, succeeded } from '../../src/selftest/index.ts';
import { allChecks } from '../../src/selftest/specs/index.ts';
import { shaderInterface } from '../../src/shader/shader.ts';
import { activatable } from '../support/activations.ts';

let device: Device;
/** `file.entryPoint` of all that was compiled. */
const compiled = new Set<string>();

beforeAll(async () => {
  device = await requestDevice();
  const create = device.gpu.createShaderModule.bind(device.gpu);
  device.gpu.createShaderModule = (descriptor) => {
    compiled.add(descriptor.label!);
    return create(descriptor);
  };
});

afterAll(() => device?.destroy());

const ops = [...new Set(allChecks().map(({ op }) => /^\w+/.exec(op)![0]))];

test.each(ops)('%s: every kernel is right on this device', { timeout: 600_000 }, async (op) => {
  const report = await selfTest(device, { ops: [op] });
  expect(succeeded(report), formatReport(report)).toBe(true);
});

const shaders = new Map(
  readdirSync('shaders').map((file) => [file.replace('.wgsl', ''), readFileSync(`shaders/${file}`, 'utf8')] as const),
);

test('every entry point of every shader was among them', () => {
  const all = [...shaders].flatMap(([name, source]) =>
    [...shaderInterface({ name, source }).entryPoints].map((entry) => `${name}.${entry}`),
  );
  expect(all.length).toBeGreaterThan(80);
  expect(all.filter((entry) => !compiled.has(entry))).toEqual([]);
});

test('so was every shader that takes an activation, with each of them', () => {
  const all = activatable(shaders).pairs.map(({ name }) => name);
  const seen = new Set([...compiled].map((label) => label.split('.')[0]));
  expect(all.length).toBe(35);
  expect(all.filter((name) => !seen.has(name))).toEqual([]);
});
