/** A flat map, painted by a kernel of ones: what is seen is how often each pixel is painted. */

import { heat, paint, rangeOf } from 'neurite/vis';
import { useEffect, useMemo, useRef } from 'preact/hooks';
import { countsOf, innerCounts } from './painting.ts';

/** Of the flat map. */
const SIDE = 10;

export function Checkerboard({ kernel, stride }: { kernel: number; stride: number }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const { size, counts } = useMemo(() => countsOf(SIDE, kernel, stride), [kernel, stride]);
  useEffect(() => {
    paint(canvas.current!, counts, { width: size, height: size }, heat, { low: 0, high: rangeOf(counts).high });
  }, [size, counts]);
  const inner = innerCounts(kernel, stride);
  return (
    <figure class="checkerboard">
      <canvas
        ref={canvas}
        class="picture"
        data-live
        width={size}
        height={size}
        role="img"
        aria-label={`How often each pixel is painted: away from the edges ${said(inner)}`}
      />
      <figcaption>
        <strong>{inner.length === 1 ? 'Even' : inner[0] === 0 ? 'Holes' : 'A checkerboard'}</strong>: a flat {SIDE} ×{' '}
        {SIDE} map paints each pixel away from the edges {said(inner)}.{' '}
        {inner.length === 1
          ? `${kernel} is a multiple of ${stride}. The generator above has kernel 4 and stride 2, so it paints evenly.`
          : `${kernel} is no multiple of ${stride}: this pattern is in many generated pictures.`}
      </figcaption>
    </figure>
  );
}

/** `1, 2 or 4 times`. */
function said(counts: readonly number[]): string {
  if (counts.length === 1) return counts[0] === 1 ? 'once' : `${counts[0]} times`;
  return `${counts.slice(0, -1).join(', ')} or ${counts.at(-1)} times`;
}
