/** What `npm run test:consumers` takes for right: the trials themselves need npm and a minute each. */
import { expect, test } from 'vitest';
import { outcomeOf } from '../tools/consumers/consumers.ts';

test.each([
  ['trained: 9.00', true, 'works'],
  ['trained: 8.95', false, 'works'],
  ['trained: 7.00', true, 'FAILED'],
  ['trained: NaN', true, 'FAILED'],
  ['trained: 9.00\nsomething else', true, 'FAILED'],
  ['DeviceError: Node has no WebGPU of its own. Install the npm package webgpu', false, 'works'],
  ['DeviceError: Node has no WebGPU of its own. Install the npm package webgpu', true, 'FAILED'],
  ['error: no module is called neurite', false, 'FAILED'],
  ['', false, 'FAILED'],
] as const)('%s, with a GPU: %s: %s', (result, withGpu, outcome) => {
  expect(outcomeOf(result, withGpu)).toBe(outcome);
});
