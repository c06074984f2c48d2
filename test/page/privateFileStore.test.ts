/** Why a store of the page cannot be had is told as what it is. */
import { afterEach, expect, test, vi } from 'vitest';
import { privateFileStore, StateError } from '../../src/index.ts';

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
