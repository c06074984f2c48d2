/** Models that the browser keeps: saved, listed, loaded and removed by address; and what is said where a place is missing. */
import { afterEach, describe, expect, test, vi } from 'vitest';
import { ArgumentError, FormatError, listModels, loadModel, removeModel, StateError } from '../../src/index.ts';
import { testDevice } from '../support/device.ts';
import { compiledToy, toyExamples } from '../support/toy.ts';

afterEach(async () => {
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
  for (const { address } of await listModels()) await removeModel(address as 'opfs://');
});

describe.each(['indexeddb', 'opfs'] as const)('%s://', (scheme) => {
  const address = `${scheme}://a model / 100 % µ` as const;

  test('a model goes on from there with the bits of one in memory; another of the name replaces it', async () => {
    const device = await testDevice();
    const model = await compiledToy();
    await model.save(address);
    const data = toyExamples(32);
    await model.fit(data, { epochs: 1 });
    const file = await model.save();
    const before = Date.now();
    const kept = await model.save(address);
    expect(kept).toEqual({ address, bytes: file.byteLength, saved: expect.any(Date) });
    expect(kept.saved.getTime()).toBeGreaterThanOrEqual(before);

    const loaded = await loadModel(address, { device });
    expect(await loaded.save()).toEqual(file);
    for (const each of [model, loaded]) await each.fit(data, { epochs: 1 });
    expect(await loaded.save()).toEqual(await model.save());
    for (const each of [model, loaded]) each.dispose();
  });

  test('the list has each model once; what is removed is gone, and said to be', async () => {
    const model = await compiledToy();
    for (const name of ['b', 'a', 'b']) await model.save(`${scheme}://${name}`);
    const { byteLength: bytes } = await model.save();
    model.dispose();
    expect(await listModels()).toEqual(
      ['a', 'b'].map((name) => ({ address: `${scheme}://${name}`, bytes, saved: expect.any(Date) })),
    );
    expect(await removeModel(`${scheme}://b`)).toBe(true);
    expect(await removeModel(`${scheme}://b`)).toBe(false);
    const loading = loadModel(`${scheme}://b`);
    await expect(loading).rejects.toThrow(FormatError);
    await expect(loading).rejects.toThrow(`${scheme}://b: there is no model. Kept here: ${scheme}://a.`);
  });

  test('what it holds is checked as any file is', async () => {
    const model = await compiledToy();
    const write = vi.spyOn(model, 'save');
    await model.save(address);
    expect(write).toHaveBeenCalledOnce();
    model.dispose();
    if (scheme === 'opfs') {
      const folder = await (await navigator.storage.getDirectory()).getDirectoryHandle('neurite-models');
      for await (const handle of folder.values()) {
        const writable = await (handle as FileSystemFileHandle).createWritable();
        await writable.write(Uint8Array.of(1, 2, 3));
        await writable.close();
      }
    } else {
      const opening = indexedDB.open('neurite-models', 1);
      await new Promise((resolve) => Object.assign(opening, { onsuccess: resolve }));
      const putting = opening.result
        .transaction('file', 'readwrite')
        .objectStore('file')
        .put(new Uint8Array(3), address.slice(12));
      await new Promise((resolve) => Object.assign(putting, { onsuccess: resolve }));
      opening.result.close();
    }
    await expect(loadModel(address)).rejects.toThrow(FormatError);
  });
});

test('no room in the browser is said, and what makes some', async () => {
  const model = await compiledToy();
  const full = () => Promise.reject(new DOMException('The quota has been exceeded.', 'QuotaExceededError'));
  vi.spyOn(FileSystemFileHandle.prototype, 'createWritable').mockImplementation(full);
  await expect(model.save('opfs://full')).rejects.toThrow(
    new StateError('opfs://full: this site has no more room in the browser; removeModel makes some.'),
  );
  vi.spyOn(IDBObjectStore.prototype, 'put').mockImplementation(() => {
    throw new DOMException('The quota has been exceeded.', 'QuotaExceededError');
  });
  await expect(model.save('indexeddb://full')).rejects.toThrow(/no more room/);
  vi.restoreAllMocks();
  expect(await listModels()).not.toContainEqual(expect.objectContaining({ address: 'indexeddb://full' }));
  model.dispose();
});

test('a download gets the name, with an ending if it has none', async () => {
  const clicked: { href: string; download: string }[] = [];
  vi.spyOn(HTMLAnchorElement.prototype, 'click').mockImplementation(function (this: HTMLAnchorElement) {
    clicked.push({ href: this.href, download: this.download });
  });
  const model = await compiledToy();
  await model.save('download://shapes');
  await model.save('download://shapes.neurite');
  expect(clicked.map(({ download }) => download)).toEqual(['shapes.safetensors', 'shapes.neurite']);
  const loaded = await loadModel(await (await fetch(clicked[0]!.href)).arrayBuffer(), { device: await testDevice() });
  expect(await loaded.save()).toEqual(await model.save());
  for (const each of [model, loaded]) each.dispose();
  await expect(loadModel('download://shapes')).rejects.toThrow(/let them choose the file/);
  await expect(removeModel('download://shapes' as never)).rejects.toThrow(ArgumentError);
});

test('where a place is missing, its message names another', async () => {
  const model = await compiledToy();
  await expect(model.save('file://shapes')).rejects.toThrow(
    /^save: file:\/\/shapes: a page reaches no files by their path\. Use download:/,
  );
  vi.stubGlobal('indexedDB', undefined);
  await expect(model.save('indexeddb://shapes')).rejects.toThrow(StateError);
  await expect(loadModel('indexeddb://shapes')).rejects.toThrow(/there is no IndexedDB here/);
  model.dispose();
});

test('what arrives from a server is told, and an error of the hook passes through', async () => {
  const model = await compiledToy();
  const file = await model.save();
  model.dispose();
  const address = URL.createObjectURL(new Blob([file]));
  const heard: [number, number | undefined][] = [];
  const device = await testDevice();
  const loaded = await loadModel(address, { device, onBytes: (...told) => heard.push(told) });
  loaded.dispose();
  expect(heard.at(-1)).toEqual([file.byteLength, file.byteLength]);
  expect(heard.map(([received]) => received)).toEqual([...heard].map(([received]) => received).sort((a, b) => a - b));
  const stop = new Error('the visitor has gone on');
  const onBytes = () => {
    throw stop;
  };
  await expect(loadModel(address, { device, onBytes })).rejects.toBe(stop);
  URL.revokeObjectURL(address);
});
