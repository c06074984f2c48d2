/** Nothing that a file or a link says is taken for code, nor breaks the page. */
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { describe, expect, test } from 'vitest';
import { builtPage } from './builtPage.ts';
import { ENDLESS, hashOf } from './links.ts';
import { courseFiles, download, type Visit, visit } from './visitor.ts';

const built = builtPage();
const { downloads } = built;
const open = (hash = ENDLESS, options = {}) => built.open(hash, options);

describe('texts of others stay texts, with no policy to help', () => {
  const MARKUP = '<img id=injected src=x onerror=document.body.remove()>';
  /** That the page is whole, and has no element that a text has made. */
  async function expectWhole({ page, see, text }: Visit): Promise<void> {
    await see('.transport .main');
    await text('h1', /brain lab/);
    expect(await page.$('#injected')).toBeNull();
  }

  test('names of files', async () => {
    const visitor = await open(ENDLESS, { withoutPolicy: true });
    const { page, click, text } = visitor;
    await visitor.drop(await courseFiles([`${MARKUP}.gz`, 'fake_3.gz']));
    expect(await text('.notice.problem', /injected/)).toContain(`${MARKUP}.gz`);
    await visitor.drop([
      { name: `real ${MARKUP}.png`, bytes: new Uint8Array(9) },
      { name: 'fake.png', bytes: new Uint8Array(9) },
    ]);
    expect(await text('.notices', /is not a picture/)).toContain(`real ${MARKUP}.png`);
    await expectWhole(visitor);
    // A model of that name, in the table, the legend and the buttons.
    await click('Start');
    await text('.transport-text', /training: epoch/);
    await click('Stop training');
    await text('.transport-text', /^ready/);
    const model = readFileSync(await download(visitor, downloads)).toString('base64');
    await page.$eval(
      '.button.file input',
      (input, model, name) => {
        const chosen = new DataTransfer();
        chosen.items.add(new File([Uint8Array.from(atob(model), (c) => c.charCodeAt(0))], name));
        (input as HTMLInputElement).files = chosen.files;
        input.dispatchEvent(new Event('change', { bubbles: true }));
      },
      model,
      `${MARKUP}.safetensors`,
    );
    expect(await text('.runs', /In the network now: <img/)).toContain(MARKUP);
    await expectWhole(visitor);
    // It is saved under a name of plain letters.
    expect(basename(await download(visitor, downloads))).toBe(
      '-img-id-injected-src-x-onerror-document.body.remove-.safetensors',
    );
  });

  const settings = {
    preset: 'custom',
    training: { optimizer: 'adam', learningRate: 0.001, schedule: 'constant', batchSize: 4, epochs: 60, seed: 3 },
    data: { imagesPerClass: 8, seed: 0, roles: 'tt-----eee' },
  };
  const flat = { type: 'flatten', options: { inputShape: [128, 128, 1] } };

  test('names in a link', async () => {
    const layers = [flat, { type: 'dense', options: { units: 2, name: MARKUP } }];
    const visitor = await open(hashOf({ ...settings, layers }), { withoutPolicy: true });
    await visitor.unfold();
    expect(await visitor.text('.layer-name', /injected/)).toBe(MARKUP);
    await expectWhole(visitor);
    expect(visitor.complaints).toEqual([]);
  });

  test('a link with a type that every object has: the page starts without it', async () => {
    const visitor = await open(hashOf({ ...settings, layers: [flat, { type: 'constructor', options: {} }] }));
    await visitor.text('.notice.problem', /link are damaged/);
    await expectWhole(visitor);
    expect(visitor.complaints).toEqual([]);
  });

  test('a link with values that have no text: the editor says which layer does not fit', async () => {
    const options = { units: { toString: 1, valueOf: 1 }, activation: { toString: 1, valueOf: 1 } };
    const link = hashOf({ ...settings, layers: [flat, { type: 'dense', options }] });
    const visitor = await visit(built.browser, `${built.site.url}lab.html${link}`);
    await visitor.text('.transport-text', /Layer 2 does not fit/);
    await expectWhole(visitor);
    expect(visitor.complaints).toEqual([]);
  });
});
