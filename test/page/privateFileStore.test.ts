/** Why a store of the page cannot be had is told as what it is. */
import { afterEach, expect, test, vi } from 'vitest';
import { ArgumentError, privateFileStore, StateError } from '../../src/index.ts';
import { detach, MEMORIES } from '../support/memory.ts';

afterEach(() => vi.restoreAllMocks());

test.each([
  ['TimeoutError', /^the store 'run' is in use by another tab or worker; close it, or choose another name\.$/],
  ['SecurityError', /^the store 'run' cannot be locked: what the browser says$/],
])('%s', async (name, message) => {
  vi.spyOn(navigator.locks, 'request').mockRejectedValue(new DOMException('what the browser says', name));
  const error: Error = await privateFileStore('run')
    .load()
    .then(
      () => expect.fail('it loads'),
      (error) => error,
    );
  expect(error).toBeInstanceOf(StateError);
  expect(error.message).toMatch(message);
});

test('what it is given to save is the caller’s again once the call has returned its promise, in any memory', async () => {
  const store = privateFileStore('given');
  for (const { name, of } of MEMORIES) {
    const bytes = of(Uint8Array, [1, 2, 3]) as Uint8Array<ArrayBuffer>;
    const saving = store.save(bytes);
    bytes.fill(7);
    await saving;
    expect([...(await store.load())!], name).toEqual([1, 2, 3]);
  }
  const gone = Uint8Array.of(1);
  detach(gone);
  for (const bytes of [gone, null, 'text']) await expect(store.save(bytes as never)).rejects.toThrow(ArgumentError);
  await store.remove();
});
