/** What comes back of values that were stored as f16. */
import { expect, test } from 'vitest';
import { add, copy, graph, plan, Session } from '../../src/index.ts';
import { floatArrays, halve } from '../../src/shader/f16.ts';
import { minifyShaders } from '../../tools/wgsl.ts';
import { activatable } from '../support/activations.ts';
import { f16Device } from '../support/device.ts';

const LENGTH = 131; // its last vec4 is not full

const SHADERS = import.meta.glob<string>('../../shaders/*.wgsl', { query: '?raw', import: 'default', eager: true });

test('every shader compiles with all its float arrays narrowed, minified too, and with every activation in it', async (context) => {
  const { gpu } = await f16Device(context);
  const messages: string[] = [];
  const texts = new Map(Object.entries(SHADERS).map(([path, text]) => [/(\w+)\.wgsl$/.exec(path)![1]!, text]));
  const shaders = [texts, minifyShaders(texts)].flatMap((some) => [
    ...[...some].map(([name, source]) => ({ name, source })),
    ...activatable(some).pairs,
  ]);
  for (const shader of shaders) {
    gpu.pushErrorScope('validation');
    const module = gpu.createShaderModule({ code: halve(shader, shader.source, [...floatArrays(shader).keys()]) });
    const { messages: found } = await module.getCompilationInfo();
    const error = await gpu.popErrorScope();
    if (error)
      messages.push(`${shader.name}: ${found.map(({ lineNum, message }) => `${lineNum} ${message}`).join('; ')}`);
  }
  expect(messages).toEqual([]);
  expect(shaders.length).toBeGreaterThan(2 * (30 + 35));
});

/** The values as they come back from f16: copied into a tensor with a batch axis, and out of it. */
async function stored(
  values: readonly number[],
  context: Parameters<typeof f16Device>[0],
  bits = new Uint32Array(Float32Array.from(values).buffer),
): Promise<number[]> {
  const device = await f16Device(context);
  const g = graph();
  const x = g.input('x', [2, LENGTH]);
  const zeros = g.input('zeros', [2, LENGTH]);
  const y = add(copy(x), zeros);
  const planned = plan(g, [y], { mixed: { batchSize: 2, weights: [], exact: [] } });
  expect(String(planned)).toContain('f16@#');
  const session = await Session.create(device, planned);
  const data = new Float32Array(2 * LENGTH);
  const words = new Uint32Array(data.buffer);
  words.set(bits);
  words.set(bits, LENGTH);
  session.write(x, data);
  session.run();
  const result = [...(await session.read(y))];
  session.destroy();
  expect(result.slice(LENGTH)).toEqual(result.slice(0, LENGTH));
  return result.slice(0, values.length);
}

test('whole numbers to 2048 and powers of two are exact, the rest is rounded', async (context) => {
  const exact = [0, 1, -1, 2048, -2047, 0.5, 2 ** -14, 65504, -65504, 1.0009765625];
  expect(await stored(exact, context)).toEqual(exact);
  for (const [i, value] of (await stored([1 / 3, 2049, 1000.3, 6.1e-5], context)).entries()) {
    const want = [1 / 3, 2049, 1000.3, 6.1e-5][i]!;
    expect(Math.abs(value - want) / want, `${want} came back as ${value}`).toBeLessThanOrEqual(2 ** -11 * 1.0001);
  }
});

test('what is too large becomes an infinity, what is no number stays none: the loss scaling sees both', async (context) => {
  const [large, negative, infinite, none] = await stored([1e6, -1e9, Number.POSITIVE_INFINITY, Number.NaN], context);
  expect([large, negative, infinite]).toEqual([
    Number.POSITIVE_INFINITY,
    Number.NEGATIVE_INFINITY,
    Number.POSITIVE_INFINITY,
  ]);
  expect(none).toBeNaN();
});

test('no bits of a NaN become a number or an infinity', async (context) => {
  const bits = Uint32Array.of(0x7fc00000, 0xffc00000, 0x7fd12345, 0x7f800001, 0xff800001, 0x7f801fff);
  expect(await stored([...new Float32Array(bits.buffer)], context, bits)).toEqual([...bits].map(() => Number.NaN));
});

test('a tensor that is stored as f16 is not read by the host', async (context) => {
  const device = await f16Device(context);
  const g = graph();
  const inner = copy(g.input('x', [2, LENGTH]));
  const session = await Session.create(
    device,
    plan(g, [add(inner, inner)], { mixed: { batchSize: 2, weights: [], exact: [] } }),
  );
  expect(() => session.read(inner)).toThrow(/stored as f16; name it as an output/);
  session.destroy();
});
