/** The drawings of `neurite/vis` in a page: what they say and show of a model that trains here. */
import axe from 'axe-core';
import { afterEach, describe, expect, test } from 'vitest';
import { ArgumentError, DataError, layers, type Model, sequential } from '../../src/index.ts';
import {
  type CurveValues,
  confusionMatrix,
  featureMaps,
  kernelGrid,
  kernels,
  lineChart,
  mapGrid,
  type TrainingCurves,
  trainingCurves,
} from '../../src/vis/index.ts';
import { testDevice } from '../support/device.ts';

const page = document.createElement('main');
document.body.append(page);
document.title = 'drawings';
document.documentElement.lang = 'en';

afterEach(() => {
  page.replaceChildren();
  page.removeAttribute('style');
});

const texts = (selector: string) => [...page.querySelectorAll(selector)].map(({ textContent }) => textContent);
const labels = (selector: string) => [...page.querySelectorAll(selector)].map((one) => one.getAttribute('aria-label'));

/** Colours of a canvas that are not transparent, as `red,green,blue`. */
function colours(canvas: HTMLCanvasElement): Set<string> {
  const { data } = canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height);
  const found = new Set<string>();
  for (let i = 0; i < data.length; i += 4) if (data[i + 3] === 255) found.add(data.slice(i, i + 3).join());
  return found;
}

const canvas = (selector = 'canvas') => page.querySelector<HTMLCanvasElement>(selector)!;

/** A model of two kernels: one that gives the pixel, and one that gives nothing. */
async function tiny(): Promise<Model> {
  const model = sequential([
    layers.conv2d({ inputShape: [2, 2, 1], filters: 2, kernelSize: 1, activation: 'relu', name: 'conv' }),
    layers.flatten(),
    layers.dense({ units: 2, name: 'last' }),
  ]);
  await model.compile({ device: await testDevice(), loss: 'sparseCategoricalCrossentropy', metrics: ['accuracy'] });
  const [kernel, ...others] = await model.getWeights();
  await model.setWeights([{ ...kernel!, data: Float32Array.of(1, -0.5) }, ...others]);
  return model;
}

const images = { data: Float32Array.of(0, 1, 2, 3, 9, 9, 9, 9), shape: [2, 2, 2, 1] };

describe('curves', () => {
  const history: CurveValues = {
    epoch: [0, 1, 2],
    loss: [0.75, 0.5, 0.25],
    accuracy: [0.5, 0.625, 0.75],
    valLoss: [0.875, Number.NaN, 0.375],
    valAccuracy: [0.5, Number.NaN, 0.625],
  };

  test('of a history: a chart for each metric, its text, and the numbers', async () => {
    const curves = trainingCurves(page, history);
    await curves.ready;
    expect(texts('figcaption')).toEqual(['loss', 'accuracy']);
    expect(labels('.chart')).toEqual([
      'Curves of loss over epochs; after epoch 3: training 0.2500, validation 0.3750',
      'Curves of accuracy over epochs; after epoch 3: training 75.0 %, validation 62.5 %',
    ]);
    expect(texts('.legend')).toEqual(['trainingvalidation']);
    expect(texts('thead th')).toEqual(['epoch', 'loss', 'val loss', 'accuracy', 'val accuracy']);
    expect(texts('tbody tr:nth-child(2) td')).toEqual(['2', '0.5000', '–', '62.5 %', '–']);
    await expect.poll(() => page.querySelectorAll('canvas').length).toBe(2);
    curves.update({ ...history, loss: [1, 2, 3] });
    expect(texts('tbody td:nth-child(2)')).toEqual(['1.0000', '2.0000', '3.0000']);
    curves.remove();
    expect(page.children).toHaveLength(0);
  });

  test('live: they are a callback of fit, and say in the end what its history says', async () => {
    const model = await tiny();
    const curves = trainingCurves(page);
    expect(labels('.chart')).toEqual(['Curves of loss over epochs']);
    const seen: (string | null)[] = [];
    const watch = { onEpochEnd: () => void seen.push(labels('.chart')[0]!) };
    const data = { x: images, y: [0, 1] };
    const result = await model.fit(data, { epochs: 4, batchSize: 1, validationData: data, callbacks: [curves, watch] });
    await curves.ready;
    const live = () => [...page.querySelectorAll('.training-curves tbody tr')].map(({ textContent }) => textContent);
    await expect.poll(() => live().length).toBe(4);
    const rows = live();
    const chart = labels('.chart');
    expect(chart[0]).toMatch(/after epoch 4: training \d\.\d{4}, validation \d\.\d{4}$/);
    curves.update(result);
    expect(live()).toEqual(rows);
    expect(labels('.chart')).toEqual(chart);
    model.dispose();
  });

  test('steps are drawn before the first epoch has ended', async () => {
    const curves = trainingCurves(page, undefined, { metrics: ['loss'] });
    const training = { stepsPerEpoch: 4, initialEpoch: 0 } as Parameters<TrainingCurves['onTrainBegin']>[0];
    curves.onTrainBegin(training);
    curves.onEpochBegin(0);
    for (const batch of [0, 1, 2]) curves.onBatchLogs(batch, { size: 2, loss: 1 / (batch + 1), accuracy: 1 }, training);
    await expect.poll(() => labels('.chart')).toEqual(['Curves of loss over epochs; last step: 0.3333']);
    expect(texts('.legend')).toEqual(['training, smoothed over 10 stepsvalidation']);
    expect(page.querySelector('details')!.hidden).toBe(true);
    // 20,000 steps more are no more points than can be seen, and the last one is there.
    for (let batch = 3; batch < 20_000; batch++) curves.onBatchLogs(batch, { size: 2, loss: batch }, training);
    await expect.poll(() => labels('.chart')).toEqual(['Curves of loss over epochs; last step: 2.0e+4']);
  });

  test('follow the colours of the page, and its width', async () => {
    page.style.width = '400px';
    const curves = trainingCurves(page, history, { metrics: ['loss'], height: 150 });
    await curves.ready;
    page.style.setProperty('--neurite-curve-0', 'rgb(255, 0, 0)');
    await expect.poll(() => colours(canvas())).toContain('255,0,0');
    page.style.setProperty('--neurite-curve-0', 'rgb(0, 0, 255)');
    await expect.poll(() => colours(canvas())).toContain('0,0,255');
    expect(colours(canvas())).not.toContain('255,0,0');
    page.style.width = '300px';
    await expect.poll(() => canvas().getBoundingClientRect().width).toBe(300);
    expect(canvas().getBoundingClientRect().height).toBe(150);
  });

  test('what is no history is refused, and so are options that do not exist', () => {
    expect(() => trainingCurves(page, [1, 2] as unknown as CurveValues)).toThrow(ArgumentError);
    expect(() => trainingCurves(page, history, { metric: ['loss'] } as object)).toThrow(/Did you mean 'metrics'/);
  });

  test('lines of one’s own', async () => {
    page.style.setProperty('--mine', 'rgb(1, 2, 3)');
    const chart = await lineChart(page, { label: 'kinetic energy' });
    chart.draw([{ x: [0, 1, 2], y: [1, null, 3], color: '--mine', style: 'line' }]);
    chart.draw([{ x: [0, 1, 2], y: [1, 2, 3], color: '--mine', style: 'line' }]);
    await expect.poll(() => colours(canvas())).toContain('1,2,3');
    chart.remove();
    expect(page.children).toHaveLength(0);
  });
});

test('a confusion matrix is a table: counts, and shares of each row', () => {
  const drawing = confusionMatrix(page, [0, 0, 0, 1], [0, 0, 1, 1], { labels: ['cat', 'dog'] });
  expect(texts('thead th')).toEqual(['called cat', 'called dog']);
  expect(texts('tbody th')).toEqual(['is cat', 'is dog']);
  expect(texts('td strong')).toEqual(['2', '1', '0', '1']);
  expect(texts('td span')).toEqual(['66.7 %', '33.3 %', '0.0 %', '100.0 %']);
  expect(texts('p')).toEqual(['75.0 % of 4 are right.']);
  const cells = [...page.querySelectorAll('tbody td')];
  const colourOf = (cell: Element) => getComputedStyle(cell).backgroundColor;
  expect(new Set(cells.map(colourOf)).size).toBe(4);
  drawing.update([1, 1], { data: Float32Array.of(0, 1, Number.NaN, 0), shape: [2, 2] });
  expect(texts('td strong')).toEqual(['0', '0', '0', '1']);
  expect(texts('td span').slice(0, 2)).toEqual(['–', '–']);
  expect(texts('p')).toEqual(['100.0 % of 1 are right. Predictions left out, as they have a NaN: 1.']);
  expect(() => confusionMatrix(page, [0], [0], { label: [] } as object)).toThrow(/Did you mean 'labels'/);
  expect(() => confusionMatrix(page, [3], [0], { labels: ['a', 'b'] })).toThrow('the class 3');
  drawing.remove();
  expect(page.children).toHaveLength(0);
});

describe('kernels', () => {
  test('of a model: the largest number is green, and an update reads the weights again', async () => {
    const model = await tiny();
    const drawing = await kernels(page, model, 'conv');
    expect(labels('[role=img]')).toEqual(['kernel 1 of 2', 'kernel 2 of 2']);
    expect(texts('figcaption')[0]).toContain('conv: 2 kernels of 1 × 1 × 1');
    await expect.poll(() => colours(canvas('li:first-child canvas'))).toEqual(new Set(['0,112,61']));
    const other = page.querySelector('li:last-child canvas');
    const [kernel, ...others] = await model.getWeights();
    await model.setWeights([{ ...kernel!, data: Float32Array.of(-1, 1) }, ...others]);
    await drawing.update();
    await expect.poll(() => colours(canvas('li:first-child canvas'))).toEqual(new Set(['112,41,148']));
    expect(page.querySelector('li:last-child canvas')).toBe(other); // painted again, not replaced
    drawing.remove();
    expect(page.children).toHaveLength(0);
    const dense = await kernels(page, model, 'last');
    expect(texts('figcaption')[0]).toContain('last: weights from 8 inputs (down) to 2 units (across)');
    expect([canvas('li canvas').width, canvas('li canvas').height]).toEqual([2, 8]);
    dense.remove();
    await expect(kernels(page, model, 'flatten')).rejects.toThrow(
      "layer 'flatten' has no kernels. Layers with kernels: 'conv', 'last'.",
    );
    await expect(kernels(page, model, 'conv2d')).rejects.toThrow(/there is no layer 'conv2d'/);
    model.dispose();
  });

  test('of weights: a tile for each input channel, eight at most', () => {
    const weights = (inputs: number) => ({ data: new Float32Array(9 * inputs * 3), shape: [3, 3, inputs, 3] });
    kernelGrid(page, weights(2), { name: 'a' });
    expect(page.querySelectorAll('li')).toHaveLength(3);
    expect(page.querySelectorAll('li:first-child canvas')).toHaveLength(2);
    const many = kernelGrid(page, weights(20));
    expect(page.querySelectorAll('figure:last-child li:first-child canvas')).toHaveLength(8);
    expect(texts('figcaption')[1]).toContain('the first 8 of 20 input channels');
    many.update(weights(1));
    expect(page.querySelectorAll('figure:last-child li:first-child canvas')).toHaveLength(1);
    expect(() => kernelGrid(page, { data: new Float32Array(3), shape: [3] })).toThrow('4 axes, or 2');
    expect(() => kernelGrid(page, weights(1), { kind: 'conv' as 'conv2d' })).toThrow(/Did you mean 'conv2d'/);
  });
});

describe('feature maps', () => {
  test('of a model: the first example; maps that are 0 are counted', async () => {
    const model = await tiny();
    const drawing = await featureMaps(page, model, 'conv', images);
    expect(labels('[role=img]')).toEqual(['conv, map 1 of 2, from 0.0 to 3.0']);
    expect(texts('p')).toEqual(['1 of 2 maps; the rest is 0 everywhere']);
    await expect.poll(() => colours(canvas('li canvas')).size).toBe(4);
    await drawing.update({ data: Float32Array.of(0, 0, 5, 5), shape: [1, 2, 2, 1] });
    expect(labels('[role=img]')).toEqual(['conv, map 1 of 2, from 0.0 to 5.0']);
    await expect.poll(() => colours(canvas('li canvas')).size).toBe(2);
    drawing.remove();
    const last = await featureMaps(page, model, 'last', images);
    expect(labels('[role=img]')[0]).toMatch(/^last, 2 numbers, from −?\d/);
    last.remove();
    await expect(featureMaps(page, model, 'no', images)).rejects.toThrow(
      "there is no layer 'no'. The layers are 'conv', 'flatten', 'last'.",
    );
    model.dispose();
  });

  test('of an output: as many as are asked for', () => {
    const output = { data: new Float32Array(4 * 70).fill(1), shape: [2, 2, 70] };
    mapGrid(page, output, { name: 'a' });
    expect(page.querySelectorAll('li')).toHaveLength(64);
    expect(texts('p')).toEqual(['the first 64 of 70 maps']);
    mapGrid(page, output, { most: 3 });
    expect(page.querySelectorAll('figure:last-child li')).toHaveLength(3);
    expect(() => mapGrid(page, { data: new Float32Array(4), shape: [2, 2] })).toThrow('3 axes or 1');
  });
});

describe('the place of a drawing', () => {
  const numbers = { data: Float32Array.of(1, 2, 3, 4), shape: [2, 2, 1] };
  /** A model whose weights and outputs need no device. */
  const model = {
    layers: [{ name: 'conv', type: 'conv2d', options: {}, weights: [{ name: 'conv/kernel' }] }],
    getWeights: async () => [{ name: 'conv/kernel', data: numbers.data, shape: [2, 2, 1, 1] }],
    inspect: async () => ({ layers: [{ name: 'conv', output: { data: numbers.data, shape: [1, 2, 2, 1] } }] }),
  };
  const calls: Readonly<Record<string, (place: never) => unknown>> = {
    trainingCurves: (place) => trainingCurves(place),
    confusionMatrix: (place) => confusionMatrix(place, [0, 1], [0, 1]),
    kernelGrid: (place) => kernelGrid(place, { ...numbers, shape: [2, 2, 1, 1] }),
    mapGrid: (place) => mapGrid(place, numbers),
    kernels: (place) => kernels(place, model as never, 'conv'),
    featureMaps: (place) => featureMaps(place, model as never, 'conv', { ...numbers, shape: [1, 2, 2, 1] }),
    lineChart: (place) => lineChart(place),
  };
  const wrong: readonly [() => unknown, RegExp][] = [
    [() => '#none', /^no element of the page matches '#none'; it must be there before this line runs: <div id="none"><\/div>\.$/],
    [() => '.none p', /^no element of the page matches '\.none p'; it must be there before this line runs\.$/],
    [() => 'here', /^no element of the page matches 'here'\..* Write '#here'\.$/],
    [() => '#4', /^'#4' is no selector: .*'#4'/],
    [() => null, /^the element must be one of the page, or a selector such as '#chart', got null\. .*finds nothing/],
    [() => undefined, /got undefined\./],
    [() => ({ current: page }), /got \{"current":"?an HTMLElement"?\}\.$/],
    [() => page.querySelectorAll('div'), /got a NodeList of length 1\.$/],
    [() => document, /got an HTMLDocument\.$/],
    [() => document.createTextNode('chart'), /got a Text of length 5\.$/],
    [() => document.createElement('canvas'), /^a <canvas> shows no elements within it; give a <div>\.$/],
    [() => document.createElement('img'), /^an <img> shows no/],
    [() => document.createElementNS('http://www.w3.org/2000/svg', 'svg'), /^an <svg> shows no/],
  ]; // biome-ignore format: a line each

  test.each(Object.keys(calls))('%s: what is none is refused with the line that is right', async (name) => {
    for (const [make, message] of wrong) {
      page.innerHTML = '<div id="here"></div>';
      const place = make();
      const error = await Promise.resolve()
        .then(() => calls[name]!(place as never))
        .catch((caught: unknown) => caught);
      expect(error, `${name} of ${make}`).toBeInstanceOf(ArgumentError);
      const text = (error as Error).message;
      expect(text).toContain(`${name}: `);
      expect(text.slice(name.length + 2)).toMatch(message);
      expect(page.innerHTML, 'nothing was drawn').toBe('<div id="here"></div>');
    }
  });

  test.each(Object.keys(calls))('%s takes a selector', async (name) => {
    page.innerHTML = '<div id="here"></div>';
    const drawing = (await calls[name]!('#here' as never)) as { remove(): void; draw?(lines: object[]): void };
    drawing.draw?.([{ x: [0, 1], y: [0, 1], color: '--nv-curve-0', style: 'line' }]);
    expect(page.querySelector('#here')!.children.length).toBeGreaterThan(0);
    drawing.remove();
  });

  const classes = /must be a list of classes, or \{ data, shape: \[n, classes\] \}, got/;
  const cases: readonly [string, () => unknown, RegExp][] = [
    ['a history of null', () => trainingCurves(page).update(null as never), /^trainingCurves: a history is what fit returns, .* got null\.$/],
    ['a history that was not awaited', () => trainingCurves(page, Promise.resolve({}) as never), /got a Promise, which has to be awaited/],
    ['options as a history', () => trainingCurves(page, { metrics: ['loss'] } as never), /^trainingCurves: a history is what fit returns/],
    ['no truth', () => confusionMatrix(page, undefined as never, [0]), classes],
    ['predictions that were not awaited', () => confusionMatrix(page, [0], Promise.resolve([0]) as never), classes],
    ['predictions of null, later', () => confusionMatrix(page, [0], [0]).update([0], null as never), classes],
    ['a number for a list', () => confusionMatrix(page, 3 as never, [0]), classes],
    ['numbers without a shape', () => mapGrid(page, numbers.data as never), /^mapGrid: the output must be \{ data, shape \}, got a Float32Array of length 4\.$/],
    ['no output', () => mapGrid(page, numbers).update(undefined as never), /^mapGrid: the output must be \{ data, shape \}, got undefined\.$/],
    ['no weights', () => kernelGrid(page, null as never), /^kernelGrid: the weights must be \{ data, shape \}, got null\.$/],
    ['no model', () => kernels(page, undefined as never, 'conv'), /^kernels: the model must have the methods? getWeights/],
    ['no model for its maps', () => featureMaps(page, 'conv' as never, 'conv', numbers), /^featureMaps: the model must have the methods? inspect/],
    ['no input', () => featureMaps(page, model as never, 'conv', undefined as never), /^featureMaps: the input must be \{ data, shape: \[n, …\] \}, got undefined\.$/],
    ['a picture', () => featureMaps(page, model as never, 'conv', new Image() as never), /got an HTMLImageElement.*await fromPixels/],
    ['an index of a layer', () => featureMaps(page, model as never, 0 as never, { ...numbers, shape: [1, 2, 2, 1] }), /^featureMaps: there is no layer 0\. The layers are 'conv'\.$/],
    ['a layer itself', () => kernels(page, model as never, model.layers[0] as never), /^kernels: there is no layer \{"name":"conv".*Layers with kernels: 'conv'/],
    ['lines that are none', async () => (await lineChart(page)).draw(undefined as never), /^lineChart: lines must be a list, got undefined\.$/],
    ['an option of a chart that does not exist', () => lineChart(page, { labels: 'loss' } as never), /^lineChart: there is no option 'labels'.*mean 'label'/],
  ]; // biome-ignore format: a line each
  test.each(cases)('what is drawn: %s', async (_, call, message) => {
    const error = await Promise.resolve()
      .then(call)
      .catch((caught: unknown) => caught);
    expect(
      [ArgumentError, DataError].some((Class) => error instanceof Class),
      String(error),
    ).toBe(true);
    expect((error as Error).message).toMatch(message);
  });
});

test('within a shadow root the drawings have their styles', () => {
  const host = document.createElement('div');
  page.append(host);
  const root = host.attachShadow({ mode: 'open' });
  const inside = document.createElement('div');
  root.append(inside);
  confusionMatrix(inside, [0, 1], [0, 1]);
  expect(getComputedStyle(inside.querySelector('table')!).borderCollapse).toBe('collapse');
  confusionMatrix(inside, [0, 1], [0, 1]);
  expect(root.adoptedStyleSheets).toHaveLength(1);
});

test.each([
  ['light', '#ffffff', '#1c222b'],
  ['dark', '#14171c', '#e6e8ec'],
])('nothing that axe finds is wrong on a %s page', async (_, background, color) => {
  Object.assign(page.style, { background, color });
  const many = { data: Float32Array.from({ length: 4 * 3 }, (_, i) => Math.sin(i)), shape: [2, 2, 3] };
  mapGrid(page, many);
  kernelGrid(page, { ...many, shape: [2, 2, 1, 3] });
  confusionMatrix(page, [0, 0, 1], [0, 1, 1]);
  const curves = trainingCurves(page, { epoch: [0], loss: [1], accuracy: [0.5], valLoss: [1], valAccuracy: [0.5] });
  await curves.ready;
  page.querySelector('details')!.open = true;
  const { violations } = await axe.run(page);
  expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join()}`)).toEqual([]);
});
