/** The examples of steps, ops, workers and snapshots, each used as a visitor does. */
import { expect, test } from 'vitest';
import type { Visit } from '../page/visitor.ts';
import { servedExamples, statusNumber, TRAINING } from './examples.ts';

const examples = servedExamples();

test('spirals: all points but a few are right, also with other turns', async () => {
  const visitor = await examples.open('spirals');
  const { page, complaints, click } = visitor;
  const right = /^epoch 80 of 80: ([\d.]+) % of the points are right$/;
  expect(await statusNumber(visitor, right)).toBeGreaterThanOrEqual(97);
  const painted = () => page.$eval('canvas', (canvas) => canvas.toDataURL());
  const before = await painted();
  await expectColoursAt(visitor, 0.8);
  await page.$eval('#turns', (element) => {
    (element as HTMLInputElement).value = '0.5';
    element.dispatchEvent(new Event('change'));
  });
  await click('Start again'); // which ends the training that the change has begun
  await visitor.text('#status', /^epoch [1-7]?\d of 80/, TRAINING);
  expect(await statusNumber(visitor, right)).toBeGreaterThanOrEqual(97);
  expect(await painted()).not.toBe(before);
  await expectColoursAt(visitor, 0.5);
  expect(complaints).toEqual([]);
});

/** Points near the end of each spiral, and expects its colour to be named as the likeliest, of parts that make 100 %. */
async function expectColoursAt({ page, text }: Visit, turns: number) {
  const { x, y, width, height } = (await (await page.$('canvas'))!.boundingBox())!;
  for (const [label, colour] of ['blue', 'orange', 'green'].entries()) {
    const angle = 2 * Math.PI * (turns * 0.9 + label / 3);
    const radius = (0.1 + 0.85 * 0.9) / 2;
    await page.mouse.move(x + width * (0.5 + radius * Math.cos(angle)), y + height * (0.5 + radius * Math.sin(angle)));
    const said = await text('#place', /^The network says of this place: /);
    const parts = [...said.matchAll(/(\w+) ([\d.]+) %/g)].map(([, name, part]) => [name, Number(part)] as const);
    expect(parts.map(([name]) => name)).toEqual(['blue', 'orange', 'green']);
    expect(parts.reduce((sum, [, part]) => sum + part, 0)).toBeCloseTo(100, 0); // each is rounded to a tenth
    expect(parts.toSorted(([, a], [, b]) => b - a)[0]![0], said).toBe(colour);
  }
}

test('training-step: as many points lie below each line as its quantile says', async () => {
  const visitor = await examples.open('training-step');
  for (const button of ['', 'Other points']) {
    if (button) await visitor.click(button);
    if (button) await visitor.text('#status', /^step [1-7]?\d0 of 800/, TRAINING);
    await visitor.text('#status', /^step 800 of 800/, TRAINING);
    const found = await visitor.text('#found', /^Below the three lines/);
    const parts = [...found.matchAll(/([\d.]+) %/g)].map(([, part]) => Number(part));
    // Of 512 points, on which it was trained: a few of a hundred lie beside where the curve should.
    for (const [i, quantile] of [10, 50, 90].entries()) {
      expect(Math.abs(parts[i]! - quantile), found).toBeLessThan(6);
    }
  }
  expect(visitor.complaints).toEqual([]);
});

test('custom-op: the op and its gradient are right, and the network of sines is far better than that of relu', async () => {
  const visitor = await examples.open('custom-op');
  const times = await statusNumber(visitor, /^done: the error is ([\d.]+) times as large without the op$/);
  expect(times).toBeGreaterThan(1.8);
  const checked = await visitor.text('#checked', /Math\.sin by \S+ at most, its gradient/);
  const [y, dx] = [...checked.matchAll(/by (\S+?e-\d+)/g)].map(([, difference]) => Number(difference));
  // WGSL lets a sine be wrong by 2 ** -11 within -pi to pi; the gradient has 30 times that. Here the arguments go to 10.
  expect(y!).toBeLessThan(2 ** -10);
  expect(dx!).toBeLessThan(30 * 2 ** -10);
  expect(visitor.complaints).toEqual([]);
});

test('worker: trains, can be stopped, and its model answers in the page', async () => {
  const visitor = await examples.open('worker');
  const { page, click, text, complaints } = visitor;
  const canStop = () => page.$eval('#stop', (button) => !(button as HTMLButtonElement).disabled);
  await text('#status', /^epoch [1-9] of 60/, TRAINING);
  expect(await canStop()).toBe(true);
  const ball = () => page.$eval('#ball', (element) => (element as HTMLElement).style.transform);
  const before = await ball();
  await expect.poll(ball).not.toBe(before);
  await page.$eval('#speed', (element) => {
    (element as HTMLInputElement).value = '0';
  });
  await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
  const resting = await ball();
  await text('#status', /^epoch \d\d of 60/, TRAINING);
  expect(await ball()).toBe(resting);
  expect(await statusNumber(visitor, /^epoch 60 of 60: ([\d.]+) % .*, done$/)).toBeGreaterThanOrEqual(95);
  expect(await canStop()).toBe(false);
  const { x, y, width, height } = (await (await page.$('canvas'))!.boundingBox())!;
  for (const [left, label] of [
    [0.5, 'outside'],
    [0.8, 'on the ring'],
  ] as const) {
    await page.mouse.move(x + left * width, y + height / 2);
    await text('#place', new RegExp(`^This place is ${label}, says the model: `));
  }
  await click('Start again');
  await text('#status', /^epoch [1-9] of 60/, TRAINING);
  await click('Stop');
  const stopped = await statusNumber(visitor, /^epoch (\d+) of 60: .*, stopped$/);
  expect(stopped).toBeLessThan(60);
  expect(await canStop()).toBe(false);
  expect(complaints).toEqual([]);
});

test('resume: a run that was reloaded twice ends with the bits of one that was not', async () => {
  const visitor = await examples.open('resume');
  const { page, click, text, complaints } = visitor;
  const began = /This page began at epoch (\d+), step/;
  for (const before of [1, 2]) {
    await text('#status', before === 1 ? /^epoch [5-9] of 60/ : /^epoch [23]\d of 60/, TRAINING);
    await Promise.all([page.waitForNavigation(), click('Reload the page')]);
    expect(await statusNumber(visitor, began)).toBeGreaterThan(before);
  }
  await text('#status', /^done, with 2 reloads/, TRAINING);
  await Promise.all([page.waitForNavigation(), click('Train once more')]);
  await text('#status', /^done, with 0 reloads/, TRAINING);
  const fingerprints = await page.$$eval('tbody tr', (rows) => rows.map(({ cells }) => cells[2]!.textContent));
  expect(fingerprints).toHaveLength(2);
  expect(fingerprints[0]).toMatch(/^([\da-f]{2} ){7}[\da-f]{2}$/);
  expect(fingerprints[1]).toBe(fingerprints[0]);
  await text('#same', /^All runs have the same bits\.$/);
  expect(complaints).toEqual([]);
});
