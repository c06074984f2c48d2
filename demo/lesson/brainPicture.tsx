import { paint, rainbow } from 'neurite/vis';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { BrainPictures } from './brain.ts';

/** Simulated pictures; undefined until they are there, a fraction of a second later. */
export function useBrainPictures({ seed, segment, count, fake }: BrainPictures): Float32Array[] | undefined {
  const [pictures, setPictures] = useState<Float32Array[]>();
  useEffect(() => {
    let wanted = true;
    import('./brain.ts').then(({ simulatePictures }) => {
      const options = { seed, segment, count, fake };
      if (wanted) setPictures(simulatePictures(options));
    }, reportError);
    return () => {
      wanted = false;
    };
  }, [seed, segment, count, fake]);
  return pictures;
}

/** A simulated picture, drawn on arrival. */
export function BrainPicture({ label, ...options }: Omit<BrainPictures, 'count'> & { label: string }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const picture = useBrainPictures(options)?.[0];
  const size = 128;
  useEffect(() => {
    if (picture) paint(canvas.current!, picture, { width: size, height: size }, rainbow, { low: 0, high: 1 });
  }, [picture]);
  return <canvas ref={canvas} class="picture" data-live width={size} height={size} role="img" aria-label={label} />;
}
