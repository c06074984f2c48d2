/** Options of all layers: a misspelt name and values of wrong types, each an ArgumentError that names the option. */
import { describe, expect, test } from 'vitest';
import { registerAugmentation } from '../../src/augmentation/index.ts';
import { ArgumentError, type LayerSpec, layers, layerTypes, sequential } from '../../src/index.ts';
import { AUGMENTATION } from '../../src/nn/layers/augmentation.ts';
import { layerType } from '../../src/nn/layers/index.ts';
import type { Kind } from '../../src/options.ts';
import { WRONG } from '../support/wrongValues.ts';

registerAugmentation();

describe.each([...layerTypes, ...AUGMENTATION])('%s', (type) => {
  const image = [8, 8, 4];
  const vectors = ['dense'];
  const needed: Record<string, object> = {
    conv2d: { filters: 2, kernelSize: 3 },
    conv2dTranspose: { filters: 2, kernelSize: 3 },
    depthwiseConv2d: { kernelSize: 3 },
    dense: { units: 2 },
    reshape: { targetShape: [16, 16] },
    rescaling: { scale: 0.5 },
    activation: { activation: 'relu' },
    dropout: { rate: 0.5 },
    randomCrop: { height: 4, width: 4 },
    randomTranslation: { heightFactor: 0.1, widthFactor: 0.1 },
    randomRotation: { factor: 0.1 },
    randomZoom: { heightFactor: 0.1 },
    randomBrightness: { factor: 0.1 },
    randomContrast: { factor: 0.1 },
    cutout: { size: 2 },
  };
  const make = (options: object) => {
    const spec: LayerSpec = {
      type,
      options: { inputShape: vectors.includes(type) ? [8] : image, ...needed[type], ...options },
    };
    return sequential([spec]);
  };

  test('every option', () => {
    make({});
    expect(layerTypes.includes(type)).toBe(type in layers && !AUGMENTATION.includes(type));
    expect(() => make({ misspelt: 1 })).toThrow(ArgumentError);
    for (const [option, kind] of Object.entries<Kind>({ ...layerType(type).optionKinds, name: 'text' })) {
      for (const value of kind === 'any' ? [{}, 'misspelt', -3] : WRONG[kind]) {
        const given = `${option}: ${JSON.stringify(value)}`;
        expect(() => make({ [option]: value }), given).toThrow(ArgumentError);
        expect(() => make({ [option]: value }), given).toThrow(new RegExp(`\\b${option}\\b`));
      }
    }
  });
});
