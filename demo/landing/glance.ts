/** Whether the picture that is shown has been seen: a press that comes sooner was meant for the one before. */

/** From its first frame. A person takes longer to see anything in a picture, and presses a key twice by accident in less. */
export const GLANCE_MS = 250;

export class Glance {
  #since = Number.POSITIVE_INFINITY;

  /** Another picture is to come. */
  reset(): void {
    this.#since = Number.POSITIVE_INFINITY;
  }

  /** The picture is on the screen. @param now in milliseconds */
  begin(now: number): void {
    this.#since = Math.min(this.#since, now);
  }

  isOver(now: number): boolean {
    return now - this.#since >= GLANCE_MS;
  }
}
