import { type Palette, paint, type Range } from './colormap.ts';
import { create } from './dom.ts';
import { formatShort } from './format.ts';

const RAMP = Float32Array.from({ length: 64 }, (_, i) => i / 63);

/** Which colour stands for which number. */
export function scale(colors: Palette, { low, high }: Range): HTMLElement {
  const canvas = create('canvas', { 'aria-hidden': 'true' });
  paint(canvas, RAMP, { width: 64, height: 1 }, colors, { low: 0, high: 1 });
  return create(
    'span',
    { class: 'scale' },
    create('span', {}, formatShort(low)),
    canvas,
    create('span', {}, formatShort(high)),
  );
}
