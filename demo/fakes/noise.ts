/** Seeded random numbers: the noise that pictures are painted from, and which recordings make a batch. */

/** Numbers of noise that a picture is painted from. */
export const NOISE = 24;

/** A stream of random numbers. Another seed gives another stream. */
export class Noise {
  #state: number;

  constructor(seed: number) {
    this.#state = Math.imul(seed, 0x9e3779b1) ^ 0x85ebca6b;
  }

  /** Uniform in [0, 1): the finalizer of murmur3 applied to a counter. */
  uniform(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let h = this.#state;
    h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
    h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
    return ((h ^ (h >>> 16)) >>> 0) / 2 ** 32;
  }

  /** An integer from 0 to n - 1. */
  below(n: number): number {
    return Math.floor(n * this.uniform());
  }

  /** Noise for some pictures, `[count, NOISE]`: standard normal, by the method of Box and Muller. */
  forPictures(count: number): Float32Array<ArrayBuffer> {
    const values = new Float32Array(count * NOISE);
    for (let i = 0; i < values.length; i += 2) {
      const radius = Math.sqrt(-2 * Math.log(1 - this.uniform()));
      const angle = 2 * Math.PI * this.uniform();
      values[i] = radius * Math.cos(angle);
      if (i + 1 < values.length) values[i + 1] = radius * Math.sin(angle);
    }
    return values;
  }
}
