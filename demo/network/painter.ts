/** Paints many small canvases without holding up the page: a few in each frame. */
const BUDGET_MS = 8;

const waiting = new Map<HTMLCanvasElement, () => void>();
let scheduled = false;

/** Paints a canvas in one of the next frames; a later call for the same canvas replaces an earlier one. */
export function paintSoon(canvas: HTMLCanvasElement, paint: () => void): void {
  waiting.set(canvas, paint);
  if (scheduled) return;
  scheduled = true;
  requestAnimationFrame(work);
}

function work(): void {
  const end = performance.now() + BUDGET_MS;
  for (const [canvas, paint] of waiting) {
    waiting.delete(canvas);
    if (canvas.isConnected) paint();
    if (performance.now() > end) break;
  }
  scheduled = waiting.size > 0;
  if (scheduled) requestAnimationFrame(work);
}
