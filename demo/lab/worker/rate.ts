/** How fast training goes, from the steps of the last two seconds. Pauses, validations and lost devices do not count. */
const WINDOW_MS = 2000;

export class RateMeter {
  #steps: { time: number; images: number }[] = [];
  /** What it was before the last interruption; it holds until a step after it is known. */
  #before = Number.NaN;

  /** A step is done. @param time in milliseconds */
  add(time: number, images: number): void {
    this.#steps.push({ time, images });
    while (this.#steps.length > 2 && time - this.#steps[0]!.time > WINDOW_MS) this.#steps.shift();
  }

  /** Training begins, or continues after an interruption. @param time in milliseconds */
  restart(time: number): void {
    this.#before = this.imagesPerSecond;
    this.#steps = [{ time, images: 0 }];
  }

  /** Images a second; NaN until the first step is known. */
  get imagesPerSecond(): number {
    const [first, ...rest] = this.#steps;
    const last = rest.at(-1);
    if (!first || !last || last.time <= first.time) return this.#before;
    return (1000 * rest.reduce((sum, { images }) => sum + images, 0)) / (last.time - first.time);
  }
}
