/** Numbers that are typed, and what the bar says. */
import { expect, test } from 'vitest';
import { stateText } from '../../demo/lab/frame/stateText.ts';
import { readNumber, wantedNumber } from '../../demo/ui/typedNumber.ts';

const rate = { min: 1e-7, max: 10, whole: false };
const epochs = { min: 1, max: 1000, whole: true };

test('numbers are read as they are written, within their range', () => {
  for (const [text, value] of [
    ['1e-4', 1e-4],
    ['0.5', 0.5],
    ['0,5', 0.5],
    [' .5 ', 0.5],
    ['+2', 2],
    ['1/9', 1 / 9],
    ['0,5 / 2', 0.25],
  ] as const) {
    expect(readNumber(text, rate)).toBe(value);
  }
  for (const text of ['', ' ', '1e', '1e-', '1e6', '-1', '1,000.5', 'one', '0', '1/', '/2', '1/0', '1/2/2', '-1/9']) {
    expect(readNumber(text, rate)).toBeNaN();
  }
  expect(readNumber('1e2', epochs)).toBe(100);
  for (const text of ['99999', '0', '-1', '1.5', '1,000', '1.000', '15e-1', '4/2'])
    expect(readNumber(text, epochs)).toBeNaN();
});

test('a text that is no number is answered with what one looks like', () => {
  expect(wantedNumber('abc', { min: -9, max: 9, whole: false })).toBe('a number from −9 to 9');
  expect(readNumber('−3', { min: -9, max: 9, whole: false })).toBe(-3);
  expect(wantedNumber('1e6', rate)).toBe('a number from 1e-7 to 10');
  expect(wantedNumber('1,000.5', rate)).toBe('a number from 1e-7 to 10, with one decimal point or comma');
  expect(wantedNumber('99999', epochs)).toBe('a whole number from 1 to 1000');
  expect(wantedNumber('1,000', epochs)).toBe('a whole number from 1 to 1000, without points and commas');
});

test('the bar says what the page does', () => {
  const nothing = { now: undefined, work: undefined, loading: false, paused: false, testing: false } as const;
  const idle = { ...nothing, state: 'idle', machine: 'ready', obstacle: undefined } as const;
  const now = { epoch: 1, epochs: 5, step: 3, stepsPerEpoch: 8 };
  expect(stateText(idle)).toBe('ready');
  expect(stateText({ ...idle, machine: 'asking' })).toBe('asking for a GPU');
  expect(stateText({ ...idle, machine: 'missing' })).toBe('training needs WebGPU');
  expect(stateText({ ...idle, loading: true })).toBe('preparing images');
  expect(stateText({ ...idle, loading: true, work: 'simulating images' })).toBe('simulating images');
  expect(stateText({ ...idle, obstacle: 'Layer 1 does not fit: see Model.' })).toMatch(/^Layer 1/);
  const preparing = { ...idle, state: 'preparing' } as const;
  expect(stateText({ ...preparing, loading: true })).toBe('preparing images');
  expect(stateText(preparing)).toBe('planning the network');
  expect(stateText({ ...preparing, work: 'compiling shaders', paused: true })).toBe('compiling shaders, then a pause');
  expect(stateText({ ...idle, state: 'stopping' })).toBe('stopping');
  expect(stateText({ ...idle, state: 'stopping', now })).toMatch(
    /^stopping after this step: epoch 2 of 5, step 3 of 8/,
  );
  expect(stateText({ ...idle, state: 'paused', now, paused: true })).toBe('paused: epoch 2 of 5, step 3 of 8');
});
