/** Models on the disk, by `file://`; and addresses of no place. What browsers keep is in test/page/modelPlaces.test.ts. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';
import { ArgumentError, FormatError, listModels, loadModel, StateError } from '../../src/index.ts';
import { keep, keptAt, readKept } from '../../src/nn/file/places/index.ts';

const folder = mkdtempSync(join(tmpdir(), 'neurite-places-'));
afterAll(() => rmSync(folder, { recursive: true }));

describe('file://', () => {
  const path = join(folder, 'a model 100 %.safetensors');

  test.each([
    ['a path from here', `file://${relative('.', path)}`],
    ['a whole URL', pathToFileURL(path).href],
  ])('%s', async (_, address) => {
    const bytes = Uint8Array.of(1, 2, address.length);
    expect(await keep(keptAt('save', address), bytes)).toMatchObject({ address, bytes: 3 });
    expect(new Uint8Array(readFileSync(path))).toEqual(bytes);
    expect(await readKept('loadModel', address)).toEqual(Buffer.from(bytes));
  });

  test('no such file, a folder, and a folder that is not there', async () => {
    await expect(loadModel(`file://${folder}/none`)).rejects.toThrow(
      new FormatError(`file://${folder}/none: there is no model.`),
    );
    await expect(loadModel(`file://${folder}`)).rejects.toThrow(/is a folder, not a file/);
    const lost = `file://${folder}/no/folder.safetensors`;
    const saving = keep(keptAt('save', lost), new Uint8Array(3));
    await expect(saving).rejects.toThrow(StateError);
    await expect(saving).rejects.toThrow(/^file:.*ENOENT/);
  });
});

test.each([
  [
    'my-model',
    /^save: 'my-model' is no place for a model: one of indexeddb:\/\/name, opfs:\/\/name, download:\/\/name, file:\/\/name\.$/,
  ],
  ['localstorage://my-model', /is no place for a model: one of indexeddb:/],
  [
    'https://example.org/model',
    /To send it to a server, fetch\(url, \{ method: "POST", body: await model\.save\(\) \}\)\.$/,
  ],
  ['indexeddb://', /is no place/],
  ['toString://x', /is no place/],
  [{}, /^save: address must be a text, got {}\./],
  ['', /must be a text/],
])('save(%j)', (address, message) => {
  expect(() => keptAt('save', address)).toThrow(ArgumentError);
  expect(() => keptAt('save', address)).toThrow(message);
});

test('Node has no browser, and a place that is there', async () => {
  for (const scheme of ['indexeddb', 'opfs', 'download'] as const) {
    const saving = () => keptAt('save', `${scheme}://x`);
    expect(saving).toThrow(StateError);
    expect(saving).toThrow(/in Node, use file:\/\/model\.safetensors\.$/);
  }
  expect(await listModels()).toEqual([]);
  await expect(listModels({ of: 'opfs' } as never)).rejects.toThrow(ArgumentError);
});

test.each(['indexedDB://m', 'indexeddb:m', 'localstorage://m'])(
  'loadModel(%s) says which places there are',
  async (address) => {
    await expect(loadModel(address)).rejects.toThrow(
      /^loadModel: '.*' is no place for a model: one of indexeddb:\/\/name/,
    );
  },
);
