import { grey, rainbow } from 'neurite/vis';
import { Picture } from '../../draw/picture.tsx';
import { colormap } from '../state/data.ts';

const PALETTES = { rainbow, grey };

/** A brain image in the colormap that is chosen for the page. */
export function BrainPicture({ pixels, label }: { pixels: Float32Array; label: string }) {
  return <Picture pixels={pixels} colors={PALETTES[colormap.value]} label={label} />;
}
