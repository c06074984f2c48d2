/**
 * Paints many small canvases without holding up the page: a few in each frame. Those off the screen are painted once, so
 * that they are never empty, and again when they come near or when nothing has changed for a while: then all of the page
 * shows the same moment, in print as well.
 */
import type { RefObject } from 'preact';
import { useEffect } from 'preact/hooks';

const BUDGET_MS = 8;
/** Without changes for so long, all that waits is painted. */
const REST_MS = 1000;
/** Canvases this near to the screen are painted, so that scrolling finds them ready. */
const MARGIN = '200px';

/** What is to be painted, of canvases on the screen and off it. */
const waiting = new Map<HTMLCanvasElement, () => void>();
const onScreen = new Set<HTMLCanvasElement>();
const painted = new WeakSet<HTMLCanvasElement>();
let scheduled = false;
let resting = false;
let rest: ReturnType<typeof setTimeout> | undefined;

const observer = new IntersectionObserver(
  (entries) => {
    for (const { target, isIntersecting } of entries) {
      if (isIntersecting) onScreen.add(target as HTMLCanvasElement);
      else onScreen.delete(target as HTMLCanvasElement);
    }
    schedule();
  },
  { rootMargin: MARGIN },
);

/** Paints a canvas when something has changed, in one of the next frames. */
export function usePaint(
  canvas: RefObject<HTMLCanvasElement | null>,
  paint: (canvas: HTMLCanvasElement) => void,
  changes: readonly unknown[],
): void {
  useEffect(() => {
    const target = canvas.current!;
    observer.observe(target);
    return () => {
      observer.unobserve(target);
      onScreen.delete(target);
      waiting.delete(target);
    };
  }, []);
  useEffect(() => {
    const target = canvas.current!;
    waiting.set(target, () => paint(target)); // in place of an earlier one that has not been painted yet
    resting = false;
    clearTimeout(rest);
    rest = setTimeout(() => {
      resting = true;
      schedule();
    }, REST_MS);
    schedule();
  }, changes);
}

function schedule(): void {
  if (scheduled) return;
  scheduled = true;
  requestAnimationFrame(work);
}

function work(): void {
  scheduled = false;
  const end = performance.now() + BUDGET_MS;
  for (const [canvas, paint] of waiting) {
    if (!resting && painted.has(canvas) && !onScreen.has(canvas)) continue;
    if (performance.now() > end) {
      schedule();
      break;
    }
    waiting.delete(canvas);
    painted.add(canvas);
    paint();
  }
}
