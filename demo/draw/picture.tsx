import { type Palette, paint } from 'neurite/vis';
import { useLayoutEffect, useRef } from 'preact/hooks';

const RANGE = { low: 0, high: 1 };

/** A square image of one channel, its values from 0 to 1. */
export function Picture({ pixels, colors, label }: { pixels: Float32Array; colors: Palette; label: string }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const size = Math.sqrt(pixels.length);
  useLayoutEffect(() => {
    paint(canvas.current!, pixels, { width: size, height: size }, colors, RANGE);
  }, [pixels, colors]);
  return <canvas ref={canvas} class="picture" width={size} height={size} role="img" aria-label={label} />;
}
