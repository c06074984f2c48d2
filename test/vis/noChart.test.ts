/** Curves where the library that draws charts fails. */
import { expect, test, vi } from 'vitest';
import { trainingCurves } from '../../src/vis/index.ts';

vi.mock('../../src/vis/uplot.ts', () => ({
  default: class {
    static join = () => [[]];
    constructor() {
      throw new Error('no canvas today');
    }
  },
}));

test('the numbers are there, a text stands in the place of the chart, and ready rejects', async () => {
  const page = document.createElement('div');
  document.body.append(page);
  const curves = trainingCurves(page, { epoch: [0], loss: [0.5], accuracy: [], valLoss: [], valAccuracy: [] });
  await expect(curves.ready).rejects.toThrow('no canvas today');
  expect(page.querySelector('.chart')!.textContent).toBe('The chart could not be drawn: no canvas today');
  expect([...page.querySelectorAll('tbody td')].map(({ textContent }) => textContent)).toEqual(['1', '0.5000']);
  curves.remove();
  page.remove();
});
