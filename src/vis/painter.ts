/**
 * Paints many small canvases without holding up the page: a few in each frame. Those off the screen are painted once, so
 * that they are never empty, and again when they come near or when nothing has changed for a while: then all of the page
 * shows the same moment, in print as well.
 */

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

let observer: IntersectionObserver | undefined;

/** Made with the first canvas: the module can be loaded where there is no page. */
function observing(): IntersectionObserver {
  observer ??= new IntersectionObserver(
    (entries) => {
      for (const { target, isIntersecting } of entries) {
        if (isIntersecting) onScreen.add(target as HTMLCanvasElement);
        else onScreen.delete(target as HTMLCanvasElement);
      }
      schedule();
    },
    { rootMargin: MARGIN },
  );
  return observer;
}

/** Paints a canvas in one of the next frames, in place of what it waits for. Call `stopPainting` when it is removed. */
export function paintSoon(canvas: HTMLCanvasElement, paint: () => void): void {
  observing().observe(canvas);
  waiting.set(canvas, paint);
  resting = false;
  clearTimeout(rest);
  rest = setTimeout(() => {
    resting = true;
    schedule();
  }, REST_MS);
  schedule();
}

/** Forgets a canvas. */
export function stopPainting(canvas: HTMLCanvasElement): void {
  observer?.unobserve(canvas);
  onScreen.delete(canvas);
  waiting.delete(canvas);
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
