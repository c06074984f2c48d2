import { paintSoon, stopPainting } from 'neurite/vis';
import type { RefObject } from 'preact';
import { useEffect } from 'preact/hooks';

/** Paints a canvas when something has changed, in one of the next frames. */
export function usePaint(
  canvas: RefObject<HTMLCanvasElement | null>,
  paint: (canvas: HTMLCanvasElement) => void,
  changes: readonly unknown[],
): void {
  useEffect(() => {
    const target = canvas.current!;
    return () => stopPainting(target);
  }, []);
  useEffect(() => {
    const target = canvas.current!;
    paintSoon(target, () => paint(target));
  }, changes);
}
