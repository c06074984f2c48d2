/** How fast training goes, from the steps of the last two seconds: what was before a pause says little. */
const WINDOW_MS = 2000;

export class RateMeter {
  #steps: { time: number; images: number }[] = [];

  /** A step is done. @param time in milliseconds */
  add(time: number, images: number): void {
    this.#steps.push({ time, images });
    while (this.#steps.length > 2 && time - this.#steps[0]!.time > WINDOW_MS) this.#steps.shift();
  }

  /** Forgets what was: after a pause, a validation, a new device. */
  reset(): void {
    this.#steps = [];
  }

  /** Images a second; NaN until two steps are known. */
  get imagesPerSecond(): number {
    const [first, ...rest] = this.#steps;
    const last = rest.at(-1);
    if (!first || !last || last.time <= first.time) return Number.NaN;
    return (1000 * rest.reduce((sum, { images }) => sum + images, 0)) / (last.time - first.time);
  }
}
