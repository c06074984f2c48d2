/** How a network that does not fit can be mended: by the smallest change that makes it fit. */
import type { LayerSpec, Mend } from '../protocol/index.ts';
import { changeOption, insertLayer, newLayer, removeLayer } from '../sections/model/edits.ts';

/**
 * @param at the layer that does not fit
 * @param fits whether a network fits
 * @returns undefined where no single change helps
 */
export function mendOf(
  layers: readonly LayerSpec[],
  at: number,
  fits: (layers: LayerSpec[]) => boolean,
): Mend | undefined {
  return mendsOf(layers, at).find(({ layers }) => fits(layers));
}

/** What may help, the least first. */
function mendsOf(layers: readonly LayerSpec[], at: number): Mend[] {
  const layer = layers[at];
  const two: LayerSpec = { ...newLayer('dense'), options: { units: 2 } as LayerSpec['options'] };
  const end = layers.length;
  const ended = insertLayer(layers, end, two);
  if (!layer) return [{ label: 'Add flatten and dense', layers: insertLayer(ended, 0, newLayer('flatten')) }];
  const { type } = layer;
  const mends = [{ label: 'Add flatten', layers: insertLayer(layers, at, newLayer('flatten')) }];
  if ('activation' in layer.options && type !== 'activation') {
    mends.push({ label: 'Make it linear', layers: changeOption(layers, at, 'activation', undefined) });
  }
  if (type === 'dense') mends.push({ label: 'Make it 2 units', layers: changeOption(layers, at, 'units', 2) });
  mends.push(
    { label: 'Add dense, 2 units', layers: ended },
    { label: 'Add flatten and dense', layers: insertLayer(ended, end, newLayer('flatten')) },
    { label: `Reset the ${type}`, layers: insertLayer(removeLayer(layers, at), at, newLayer(type)) },
    { label: `Remove the ${type}`, layers: removeLayer(layers, at) },
  );
  return mends;
}
