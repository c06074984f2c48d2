/** Settings as a link: they come back as they went, and a link may come from anybody. */
import { describe, expect, test } from 'vitest';
import { type Settings, settingsFromLink, settingsLink } from '../../demo/lab/link.ts';
import type { Hello } from '../../demo/lab/protocol/index.ts';
import { presets, presetTraining } from '../../src/brain/index.ts';
import { layers, layerTypes } from '../../src/index.ts';
import { hashOf } from './links.ts';

const input = [128, 128, 1];

describe('links', () => {
  const known = {
    presets: Object.fromEntries(
      Object.entries(presets).map(([name, make]) => [
        name,
        { layers: make(), training: { ...presetTraining[name as 'baseline'], seed: 0 } },
      ]),
    ) as Hello['presets'],
    layerTypes: [...layerTypes],
  };
  const settings: Settings = {
    preset: 'second',
    layers: presets.second(),
    training: { optimizer: 'sgd', learningRate: 0.02, schedule: 'cosine', batchSize: 8, epochs: 3, seed: 5 },
    data: { imagesPerClass: 12, seed: 1, roles: ['train', 'validate', 'test', ...new Array(7).fill('unused')] },
  };
  const hash = (link: string) => link.slice(link.indexOf('#'));
  const read = (link: string) => settingsFromLink(hash(link), known);

  test('come back as they went', () => {
    expect(read(settingsLink(settings, 'https://x.org/page#old'))).toEqual(settings);
    const own: Settings = {
      ...settings,
      preset: 'custom',
      layers: [layers.flatten({ inputShape: input, name: 'größe' })],
    };
    expect(read(settingsLink(own, 'https://x.org/'))).toEqual(own);
    expect(settingsLink(settings, 'https://x.org/page')).toMatch(/^https:\/\/x\.org\/page#settings=[\w-]+$/);
    expect(settingsFromLink('#training', known)).toBeUndefined();
  });

  test.each([
    ['nothing', '#settings='],
    ['no base64', '#settings=%%%'],
    ['no JSON', '#settings=YWJj'],
    [
      'no layers',
      hashOf({ ...settings, preset: 'custom', layers: [], data: { imagesPerClass: 1, seed: 0, roles: 'tt-----eee' } }),
    ],
    [
      'images of no shape',
      hashOf({
        ...settings,
        preset: 'custom',
        layers: [{ type: 'flatten', options: { inputShape: 5 } }],
        data: { imagesPerClass: 1, seed: 0, roles: 'tt-----eee' },
      }),
    ],
    [
      'another preset',
      hashOf({ ...settings, preset: 'toString', data: { imagesPerClass: 1, seed: 0, roles: 'tt-----eee' } }),
    ],
    ['too few roles', hashOf({ ...settings, data: { imagesPerClass: 1, seed: 0, roles: 'tt' } })],
    ['a role that is none', hashOf({ ...settings, data: { imagesPerClass: 1, seed: 0, roles: 'xx-----eee' } })],
    ['too many images', hashOf({ ...settings, data: { imagesPerClass: 1e9, seed: 0, roles: 'tt-----eee' } })],
    [
      'a rate in letters',
      hashOf({
        ...settings,
        training: { ...settings.training, learningRate: '1' },
        data: { imagesPerClass: 1, seed: 0, roles: 'tt-----eee' },
      }),
    ],
  ])('damaged: %s', (_, damaged) => {
    expect(() => settingsFromLink(damaged, known)).toThrow(/damaged/);
  });

  /** Of layers as somebody else may write them; the text is the JSON of all of them. */
  const custom = (layers: string) => {
    const rest = { training: settings.training, data: { imagesPerClass: 1, seed: 0, roles: 'tt-----eee' } };
    return `#settings=${Buffer.from(`{"preset":"custom","layers":${layers},${JSON.stringify(rest).slice(1)}`).toString('base64url')}`;
  };
  const first = '{"type":"flatten","options":{"inputShape":[128,128,1]}}';

  test.each([
    ['a type that every object has', `[${first},{"type":"constructor","options":{}}]`],
    ['a type that is the prototype', `[${first},{"type":"__proto__","options":{}}]`],
    ['a type of no layer', `[${first},{"type":"<img src=x>","options":{}}]`],
    ['more layers than the page can show', `[${[first, ...new Array(200).fill('{"type":"flatten","options":{}}')]}]`],
  ])('hostile: %s', (_, layers) => {
    expect(() => settingsFromLink(custom(layers), known)).toThrow(/damaged/);
  });

  test('what a link says beside the settings is left behind, and reaches no other object', () => {
    const parts = ['{"__proto__":{"reached":1},"constructor":{"prototype":{"reached":1}}', first.slice(1)];
    const read = settingsFromLink(custom(`[${parts.join(',')}]`), known)!;
    expect(Object.keys(read.layers[0]!)).toEqual(['type', 'options']);
    expect(Reflect.getPrototypeOf(read.layers[0]!)).toBe(Object.prototype);
    expect('reached' in {}).toBe(false);
  });
});
