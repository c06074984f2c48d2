/** `isSupported`: what is missing, in words, in each environment. */
import { afterEach, expect, test, vi } from 'vitest';
import { ArgumentError, isSupported } from '../../src/index.ts';

afterEach(() => vi.unstubAllGlobals());

const answer = async (options = {}) => {
  const explained: string[] = [];
  const supported = await isSupported({ explain: (missing) => explained.push(missing), ...options });
  return { supported, explained };
};
const noAdapter = { requestAdapter: async () => null } as unknown as GPU;

test('here it is, with nothing to explain', async () => {
  expect(await answer()).toEqual({ supported: true, explained: [] });
  expect(await isSupported()).toBe(true);
});

const inPage = { process: undefined, navigator: {}, isSecureContext: true };

test.each([
  ['a browser without WebGPU', inPage, /^this environment has no WebGPU .*Use Chrome .*dom\.webgpu\.enabled/],
  [
    'a page that came over http',
    { ...inPage, isSecureContext: false },
    /did not come over https\. Open it by its https/,
  ],
  ['a browser without a GPU', { ...inPage, navigator: { gpu: noAdapter } }, /no adapter: .*chrome:\/\/flags/],
  ['Node', { process: { versions: { node: '20.0.0' } }, navigator: {} }, /^Node has no WebGPU of its own\. Install/],
])('%s', async (_, globals, message) => {
  for (const [name, value] of Object.entries(globals)) vi.stubGlobal(name, value);
  const { supported, explained } = await answer();
  expect(supported).toBe(false);
  expect(explained).toEqual([expect.stringMatching(message)]);
  expect(await isSupported()).toBe(false);
});

test('a GPU that is given', async () => {
  vi.stubGlobal('navigator', {});
  const gpu = { requestAdapter: async () => ({}) } as unknown as GPU;
  expect(await isSupported({ gpu })).toBe(true);
  expect(await isSupported({ gpu: noAdapter })).toBe(false);
});

test.each([{ gpu: {} }, { powerPreference: 'most' }, { explain: true }, { explan: () => {} }, 'high-performance'])(
  'refuses %j',
  async (options) => {
    await expect(isSupported(options as never)).rejects.toThrow(ArgumentError);
  },
);
