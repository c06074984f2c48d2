import { useLayoutEffect, useRef } from 'preact/hooks';
import { IMAGE_SIZE } from '../protocol.ts';
import { colormap } from '../state/data.ts';
import { grey, paint, rainbow } from './colormap.ts';

/** A brain image in the colormap that is chosen for the page. */
export function Picture({ pixels, label }: { pixels: Float32Array; label: string }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const colors = colormap.value === 'rainbow' ? rainbow : grey;
  useLayoutEffect(() => {
    const size = { width: IMAGE_SIZE, height: IMAGE_SIZE };
    paint(canvas.current!, pixels, size, colors, { low: 0, high: 1 });
  }, [pixels, colors]);
  return <canvas ref={canvas} class="picture" width={IMAGE_SIZE} height={IMAGE_SIZE} role="img" aria-label={label} />;
}
