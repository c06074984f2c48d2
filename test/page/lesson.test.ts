/** The kit of the lessons in a page: numbers of the GPU beside those by hand, and numbers that are moved by hand. */
import type { Device } from 'neurite';
import { type ComponentChild, createElement as h, render } from 'preact';
import { act } from 'preact/test-utils';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { useBrainPictures } from '../../demo/lesson/brainPicture.tsx';
import { CellGrid, NumberGrid } from '../../demo/lesson/numberGrid.tsx';
import { Slider } from '../../demo/lesson/slider.tsx';
import { useOnDevice } from '../../demo/lesson/useOnDevice.ts';
import { AllVerified, agrees, formatFixed, Verified } from '../../demo/lesson/verified.tsx';
import { graph, mul, session } from '../../src/index.ts';
import '../../demo/styles/lesson.css';

let root: HTMLElement;

beforeEach(() => {
  root = document.createElement('div');
  document.body.append(root);
});

afterEach(() => {
  act(() => render(null, root));
  root.remove();
  vi.restoreAllMocks();
});

const show = (view: ComponentChild) => act(() => render(view, root));
const find = <T extends HTMLElement>(selector: string) => root.querySelector<T>(selector)!;

/** Squares of some numbers, on the GPU. */
async function squares(device: Device, numbers: readonly number[]): Promise<number[]> {
  const g = graph();
  const x = g.input('x', [numbers.length]);
  const y = mul(x, x);
  const step = await session(device, [y]);
  step.write(x, Float32Array.from(numbers));
  step.run();
  const values = Array.from(await step.read(y));
  step.destroy();
  return values;
}

let computed: number[] = [];

function Probe({ number, offset = 0 }: { number: number; offset?: number }) {
  const values = useOnDevice(
    async (device) => {
      computed.push(number);
      return squares(device, [number]);
    },
    [number],
  );
  return h(Verified, { name: 'square', value: values?.[0], reference: number ** 2 + offset });
}

test('a number is by hand until the GPU has computed it, and then compared', async () => {
  await show(h(Probe, { number: 1.5 }));
  expect(find('.verified').textContent).toMatch(/^2\.250 by hand; GPU/);
  expect(find('[data-verified]')).toBeNull();
  const width = find('strong').getBoundingClientRect().width;
  await expect.poll(() => find('[data-verified="square"]')?.textContent).toBe('2.250');
  expect(find('[data-verified]').dataset.reference).toBe('2.25');
  expect(find('.verdict-by.equal').textContent).toBe('GPU = by hand ✓');
  expect(find('strong').getBoundingClientRect().width).toBe(width);
});

test('a number that loses or gains its sign moves nothing beside it', async () => {
  const width = async (reference: number) => {
    await show(h(Verified, { name: 'signed', value: undefined, reference }));
    return find('strong').getBoundingClientRect().width;
  };
  expect(await width(-0.391)).toBe(await width(0.391));
});

test('one that differs is said aloud, with both numbers', async () => {
  await show(h(Probe, { number: 2, offset: 0.001 }));
  await expect.poll(() => find('[role="alert"]')?.textContent).toBe('⚠ GPU ≠ by hand: by hand 4.001000');
  expect(find('[data-verified]').textContent).toBe('4.000');
});

test('of many changes the last one is computed, and what was is never compared with what is', async () => {
  computed = [];
  for (const number of [1, 2, 3, 4, 5]) await show(h(Probe, { number }));
  await expect.poll(() => find('[data-verified]')?.textContent).toBe('25.000');
  expect(computed.length).toBeLessThan(5);
  expect(computed.at(-1)).toBe(5);
  await show(h(Probe, { number: 6 }));
  expect(find('.verified').textContent).toMatch(/^36\.000 by hand; GPU/);
  await expect.poll(() => find('[data-verified]')?.textContent).toBe('36.000');
  expect(find('.wrong')).toBeNull();
});

test('a device that is lost is replaced', async () => {
  let tries = 0;
  function Loser() {
    const value = useOnDevice(async (device) => {
      if (++tries === 1) {
        device.gpu.destroy();
        await device.gpu.lost;
      }
      return (await squares(device, [3]))[0];
    }, []);
    return h('p', null, value ?? 'nothing');
  }
  await show(h(Loser, null));
  await expect.poll(() => find('p').textContent).toBe('9');
  expect(tries).toBe(2);
});

test('many numbers: a sentence says how many differ', async () => {
  const references = [1, 2, 3];
  await show(h(AllVerified, { what: '3 numbers', values: undefined, references }));
  expect(root.textContent).toMatch(/^3 numbers by hand; GPU/);
  await show(h(AllVerified, { what: '3 numbers', values: [1, 2, 3.000001], references }));
  expect(root.textContent).toBe('3 numbers GPU = by hand ✓');
  await show(h(AllVerified, { what: '3 numbers', values: [1, Number.NaN, 3.1], references }));
  expect(find('[role="alert"]').textContent).toBe('⚠ GPU ≠ by hand: 2 of 3 differ');
});

test('numbers as text, and when they are equal', () => {
  expect([formatFixed(-0.0001, 3), formatFixed(-0.5, 0), formatFixed(-1.25, 1), formatFixed(2, 2)]).toEqual([
    ...['0.000', '−1', '−1.3', '2.00'],
  ]);
  expect([agrees(1e6 + 1, 1e6), agrees(1e-6, 0), agrees(1e-4, 0), agrees(Number.NaN, Number.NaN)]).toEqual([
    ...[true, true, false, false],
  ]);
});

test('a cell is changed by typing, by arrow keys, and by dragging; what is no number is not taken', async () => {
  const changes: number[][] = [];
  const onChange = (values: number[]) => {
    changes.push(values);
    show(h(NumberGrid, { label: 'kernel', values, columns: 2, onChange, step: 0.1, max: 5 }));
  };
  await show(h(NumberGrid, { label: 'kernel', values: [0.2, 2, 3, 4], columns: 2, onChange, step: 0.1, max: 5 }));
  const cell = () => find<HTMLInputElement>('[aria-label="kernel, row 1, column 1"]');
  await act(() => cell().dispatchEvent(new KeyboardEvent('keydown', { key: 'ArrowUp', bubbles: true })) as never);
  expect(changes.at(-1)).toEqual([0.3, 2, 3, 4]);
  const type = (text: string) =>
    act(() => {
      cell().value = text;
      cell().dispatchEvent(new InputEvent('input', { bubbles: true }));
    });
  await type('-1.25');
  expect(changes.at(-1)).toEqual([-1.25, 2, 3, 4]);
  const taken = changes.length;
  await type('six');
  await type('99');
  expect(changes).toHaveLength(taken);
  expect(cell().getAttribute('aria-invalid')).toBe('true');
  await act(() => void cell().dispatchEvent(new FocusEvent('blur')));
  expect(cell().value).toBe('0.3'); // not what was typed on the way
  expect(changes.at(-1)).toEqual([0.3, 2, 3, 4]);
  expect(find('[role="alert"]').textContent).toBe('“99” was refused: type a number from −99 to 5');
  // Its pointer is not one of the browser's.
  vi.spyOn(HTMLInputElement.prototype, 'setPointerCapture').mockImplementation(() => {});
  const pointer = (type: string, clientY: number) =>
    act(() => void cell().dispatchEvent(new PointerEvent(type, { clientY, bubbles: true, cancelable: true })));
  await pointer('pointerdown', 100);
  await pointer('pointermove', 98);
  expect(changes).toHaveLength(taken + 1); // a click
  await pointer('pointermove', 80);
  expect(changes.at(-1)![0]).toBeCloseTo(0.5, 5);
  expect(root.querySelector('[role="alert"]')).toBeNull();
  await pointer('pointermove', -900);
  expect(changes.at(-1)![0]).toBe(5); // no further than allowed
  await pointer('lostpointercapture', 0);
  const ended = changes.length;
  await pointer('pointermove', 200);
  expect(changes).toHaveLength(ended);
});

test('cells are chosen by pointer and by arrow keys, within their rows', async () => {
  const chosen: number[] = [];
  const props = { label: 'map', values: [1, 2, 3, 4, 5, 6], columns: 3 };
  const onChoose = (index: number) => {
    chosen.push(index);
    show(h(CellGrid, { ...props, chosen: index, onChoose }));
  };
  await show(h(CellGrid, { ...props, chosen: undefined, onChoose }));
  expect(root.querySelectorAll('[tabindex="0"]')).toHaveLength(1);
  const press = async (key: string) => {
    await act(
      () => document.activeElement!.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true })) as never,
    );
    return chosen.at(-1);
  };
  await act(() => find('[tabindex="0"]').focus());
  expect(await press('ArrowRight')).toBe(1);
  expect(await press('ArrowDown')).toBe(4);
  expect(await press('ArrowRight')).toBe(5);
  expect(await press('ArrowRight')).toBe(5); // the row's end
  expect(await press('ArrowUp')).toBe(2);
  expect(await press('ArrowUp')).toBe(2);
  expect(document.activeElement!.getAttribute('aria-label')).toBe('row 1, column 3: 3');
});

test('a slider says its value as text', async () => {
  const onChange = vi.fn();
  const format = (value: number) => `${value.toFixed(1)} px`;
  await show(h(Slider, { label: 'Sigma', value: 1, min: 0, max: 2, step: 0.5, onChange, format }));
  const input = find<HTMLInputElement>('input[type="range"]');
  expect([input.getAttribute('aria-valuetext'), find('.slider-value').textContent]).toEqual(['1.0 px', '1.0 px']);
  expect(input.labels![0]!.textContent).toBe('Sigma');
  input.value = '1.5';
  input.dispatchEvent(new InputEvent('input', { bubbles: true }));
  expect(onChange).toHaveBeenCalledWith(1.5);
});

test('a brain picture is there within a second, and the same each time', async () => {
  const { simulatePictures, PICTURE_SIZE } = await import('../../demo/lesson/brain.ts');
  const began = performance.now();
  const [first] = simulatePictures({ seed: 11 });
  expect(performance.now() - began).toBeLessThan(1000);
  expect(first).toHaveLength(PICTURE_SIZE ** 2);
  expect(Math.max(...first!) - Math.min(...first!)).toBe(1);
  expect(simulatePictures({ seed: 11, count: 2 })[0]).toEqual(first);
  expect(simulatePictures({ seed: 11, fake: true })[0]).not.toEqual(first);
  function Pictures() {
    return h('p', null, useBrainPictures({ seed: 11, count: 3 })?.length ?? 'none');
  }
  await show(h(Pictures, null));
  await expect.poll(() => find('p').textContent).toBe('3');
});
