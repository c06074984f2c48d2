/** The whole self-test, op by op: one test of minutes would not tell where it is. */
import { readdirSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Device, requestDevice } from '../../src/index.ts';
import { formatReport, selfTest, succeeded } from '../../src/selftest/index.ts';
import { allChecks } from '../../src/selftest/specs/index.ts';
import { shaderInterface } from '../../src/shader.ts';

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

test('every entry point of every shader was among them', () => {
  const all = readdirSync('shaders').flatMap((file) => {
    const name = file.replace('.wgsl', '');
    const source = readFileSync(`shaders/${file}`, 'utf8');
    return [...shaderInterface({ name, source }).entryPoints].map((entry) => `${name}.${entry}`);
  });
  expect(all.length).toBeGreaterThan(80);
  expect(all.filter((entry) => !compiled.has(entry))).toEqual([]);
});
