/** Models' files that ask for what they do not hold. There is no GPU here: whatever is refused is refused before one is asked for. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DeviceError, FormatError, loadModel } from '../../src/index.ts';
import type { NamedTensor } from '../../src/io/safetensors.ts';
import { cpuTime } from '../support/effort.ts';
import { description, modelFile, tensors } from './modelFile.ts';

async function refuses(load: () => Promise<unknown>, message: RegExp): Promise<void> {
  const time = cpuTime();
  const error = await load().catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(FormatError);
  expect((error as Error).message).toMatch(message);
  expect((error as Error).message.length).toBeLessThan(800);
  expect(time()).toBeLessThan(2000);
}

test('the whole file loads as far as the device', async () => {
  await expect(loadModel(modelFile())).rejects.toThrow(DeviceError);
});

describe('refused', () => {
  type Said = ReturnType<typeof description>;
  /** Options of a layer, in place of its own. */
  const layer = (index: number, options: object) => (said: Said) => {
    Object.assign(said.layers[index]!.options, options);
  };
  const OUT = 6;
  test.each<[string, (said: Said) => unknown, RegExp]>([
    ['a layer of 1e9 units', layer(OUT, { units: 1e9 }), /dense 'out' is too large: \[50, 1000000000\]/],
    ['1e8 units, whose weights are not there', layer(OUT, { units: 1e8 }), /needs \[50, 100000000\]|too large/],
    ['1e7 units, whose weights are not there', layer(OUT, { units: 1e7 }), /the model needs \[50, 10000000\]/],
    ['1e9 filters', layer(1, { filters: 1e9 }), /conv2d 'conv' is too large/],
    ['a kernel of 1e9', layer(1, { kernelSize: 1e9 }), /too large/],
    ['an input of 1e300', layer(0, { inputShape: [1e300, 1e300, 1] }), /zeroPadding2d 'pad' is too large/],
    ['a negative size', layer(0, { inputShape: [8, -8, 1] }), /positive integers, got \[8, -8, 1\]/],
    ['a fractional size', layer(0, { inputShape: [8, 8.5, 1] }), /positive integers, got \[8, 8\.5, 1\]/],
    ['a padding of 1e9', layer(0, { padding: 1e9 }), /too large/],
    ['negative units', layer(OUT, { units: -2 }), /units must be an integer of at least 1, got -2/],
    ['units that are an object', layer(OUT, { units: { toString: 1, valueOf: 1 } }), /units must be .* got \{"toStr/],
    ['a rate that is a list', layer(4, { rate: [0.5] }), /rate must be a number/],
    ['a shape that is a number', layer(5, { targetShape: 50 }), /targetShape must be a list of sizes, got 50/],
    ['a padding that is an object', layer(0, { padding: { length: 2 } }), /padding must be/],
    ['a name that is a number', layer(0, { name: 7 }), /name must be a text, got 7/],
    ['a name of 100,000 letters', layer(OUT, { name: 'x'.repeat(100_000), units: -1 }), /dense 'xxx.*…$/],
    ['a name twice', layer(0, { name: 'out' }), /two layers are named 'out'/],
    [
      'an option that objects inherit',
      layer(OUT, JSON.parse('{"constructor": 1}')),
      /there is no option 'constructor'/,
    ],
    ['a name that objects inherit', layer(OUT, { name: '__proto__' }), /"__proto__\/kernel" .* is missing/],
    [
      'an option named __proto__',
      (said) => JSON.stringify(said).replace('"units"', '"__proto__"'),
      /no option '__proto__'/,
    ],
    [
      'an optimizer that objects inherit',
      (said) => ({ ...said, optimizer: { name: 'constructor', config: {} } }),
      /none/,
    ],
    [
      'an option of the optimizer that objects inherit',
      (said) => ({ ...said, optimizer: { name: 'sgd', config: { toString: 1 } } }),
      /there is no option 'toString'/,
    ],
    ['a loss that objects inherit', (said) => ({ ...said, loss: 'toString' }), /loss must be .*, got 'toString'/],
    ['a metric that is an object', (said) => ({ ...said, metrics: [{}] }), /lacks parts/],
    ['a learning rate below 0', (said) => ({ ...said, learningRate: -1 }), /lacks parts/],
    ['options a hundred deep', layer(OUT, { units: JSON.parse('['.repeat(100) + ']'.repeat(100)) }), /lacks parts/],
    ['lists a million deep', () => '['.repeat(1_000_000), /not JSON/],
    ['a text of 15 MB', () => `"${'x'.repeat(15_000_000)}"`, /has 15000002 characters, at most 1048576 make sense/],
    [
      '30,000 layers',
      (said) => ({ ...said, layers: Array(30_000).fill({ type: 'flatten', options: {} }) }),
      /lacks parts/,
    ],
  ])('%s', async (_, edit, message) => {
    const said = description();
    const given = edit(said) ?? said;
    await refuses(() => loadModel(modelFile(given)), message);
  });

  const [first, ...others] = tensors() as (NamedTensor & { data: Float32Array })[];
  test.each<[string, ReturnType<typeof tensors>, RegExp]>([
    ['a NaN', [{ ...first!, data: first!.data.map(() => Number.NaN) }, ...others], /"conv\/kernel" has values that/],
    ['an infinity', [{ ...first!, data: first!.data.map(() => Infinity) }, ...others], /are not finite/],
    ['whole numbers', [{ ...first!, data: Int32Array.from(first!.data) }, ...others], /is not float32/],
    ['bytes', [{ ...first!, data: Uint8Array.from(first!.data) }, ...others], /"conv\/kernel" is not float32/],
    ['counters', [{ ...first!, data: new BigInt64Array(first!.data.length) }, ...others], /is not float32/],
    [
      'another shape',
      [{ ...first!, shape: [3, 3, 2, 1] }, ...others],
      /\[3, 3, 2, 1\], the model needs \[3, 3, 1, 2\]/,
    ],
    ['a tensor less', others, /"conv\/kernel" of shape \[3, 3, 1, 2\] is missing/],
  ])('weights with %s', (_, held, message) => refuses(() => loadModel(modelFile(description(), held)), message));

  test('weights of a dtype that no array holds', () => {
    const file = modelFile(description(), [{ ...first!, data: Uint8Array.from(first!.data) }, ...others]);
    const end = 8 + Number(new DataView(file.buffer).getBigUint64(0, true));
    const header = new TextDecoder().decode(file.subarray(8, end)).replace('"U8"', '"F8_E4M3"');
    const bytes = Uint8Array.from([...file.subarray(0, 8), ...new TextEncoder().encode(header), ...file.subarray(end)]);
    new DataView(bytes.buffer).setBigUint64(0, BigInt(header.length), true);
    return refuses(() => loadModel(bytes), /tensor "conv\/kernel": unsupported dtype "F8_E4M3"/);
  });
});

describe('an address', () => {
  let sent = 0;
  const server = createServer((request, response) => {
    if (request.url === '/whole') response.end(modelFile());
    else if (request.url === '/endless') {
      const piece = new Uint8Array(2 ** 20);
      const more = () => {
        while (response.writable && response.write(piece)) sent += piece.length;
        sent += piece.length;
      };
      response.on('drain', more);
      more();
    } else if (request.url === '/cut') {
      response.writeHead(200, { 'content-length': 1000 }).write('begin');
      setTimeout(() => response.destroy(), 50);
    } else response.writeHead(404).end();
  });
  const url = (path: string) => `http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`;
  beforeAll(() => new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve)));
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });

  test('gives a model', () => expect(loadModel(url('/whole'))).rejects.toThrow(DeviceError));

  test('that never ends is left', async () => {
    await refuses(() => loadModel(url('/endless'), { maxBytes: 8 * 2 ** 20 }), /sends more than 8388608 bytes/);
    expect(sent).toBeLessThan(64 * 2 ** 20);
  });

  test('that breaks off, is not there or does not answer', async () => {
    await refuses(() => loadModel(url('/cut')), /cut cannot be fetched/);
    await refuses(() => loadModel(url('/none')), /none: the server answered 404/);
    await refuses(() => loadModel('http://127.0.0.1:9/x'), /127\.0\.0\.1:9\/x cannot be fetched/);
  });
});
