/**
 * Seeded random numbers that are the same in every browser and in Node: weights, shuffling and simulated images depend
 * on them.
 */
import { ArgumentError } from './errors.ts';
import { came } from './options.ts';

/**
 * Seeded random numbers. Each list of keys has its own stream, so an image has the same bits in whatever order images
 * are requested. A draw needs only integer arithmetic and a table, because the last bits of `Math.sin` and `Math.log`
 * differ between JavaScript engines.
 */
export class Random {
  private a: number;
  private b: number;
  private c: number;
  private d = 1;

  /** @param keys integers that name the stream, e.g. seed, segment, class, index */
  constructor(...keys: number[]) {
    // The mixing function of murmur3. Each key affects all three words of the state, so neighbouring keys give
    // unrelated streams.
    let h = 0x9e3779b9;
    const mix = (key: number): number => {
      h = Math.imul(h ^ Math.imul(key | 0, 0xcc9e2d51), 0x85ebca6b);
      h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
      h ^= h >>> 16;
      return h;
    };
    for (const key of keys) mix(key);
    this.a = mix(1);
    this.b = mix(2);
    this.c = mix(3);
    for (let i = 0; i < 12; i++) this.bits();
  }

  /** 32 random bits, as a signed integer (Chris Doty-Humphrey's sfc32). */
  bits(): number {
    const t = (((this.a + this.b) | 0) + this.d) | 0;
    this.d = (this.d + 1) | 0;
    this.a = this.b ^ (this.b >>> 9);
    this.b = (this.c + (this.c << 3)) | 0;
    this.c = (((this.c << 21) | (this.c >>> 11)) + t) | 0;
    return t;
  }

  /** Uniform in [low, high). */
  uniform(low = 0, high = 1): number {
    return low + (high - low) * ((this.bits() >>> 0) / 4294967296);
  }

  /** An integer in [0, n). */
  below(n: number): number {
    return Math.floor(this.uniform(0, n));
  }

  /** Standard normal, cut at +-4.6. */
  normal(): number {
    const bits = this.bits();
    const bin = bits >>> (32 - binBits);
    const low = normalTable[bin] ?? 0;
    return low + ((normalTable[bin + 1] ?? 0) - low) * ((bits & fractionMask) / (fractionMask + 1));
  }

  /** exp(sigma * normal), by a series of fixed length: the last bits of Math.exp differ between JavaScript engines. */
  logNormal(sigma: number): number {
    const x = (sigma * this.normal()) / 16;
    let y = 1 + x * (1 + (x / 2) * (1 + (x / 3) * (1 + x / 4)));
    for (let i = 0; i < 4; i++) y *= y;
    return y;
  }

  /** Fills `out` with independent standard normals. */
  fillNormal(out: Float32Array): Float32Array {
    for (let i = 0; i < out.length; i++) out[i] = this.normal();
    return out;
  }
}

const binBits = 14;
const fractionMask = 2 ** (32 - binBits) - 1;

// Quantiles of the normal distribution at i / 2^14; a draw interpolates linearly between two of them. The infinite values at
// both ends are replaced by 4.6, which only 1 draw in 240,000 would exceed (an image has 16,384 pixels).
const normalTable = /* @__PURE__ */ (() => {
  const bins = 2 ** binBits;
  const table = new Float32Array(bins + 1);
  for (let i = 1; i < bins; i++) table[i] = normalQuantile(i / bins);
  table[0] = -4.6;
  table[bins] = 4.6;
  return table;
})();

/** Inverse of the normal distribution function; Acklam's rational approximation, relative error 1.15e-9. */
function normalQuantile(p: number): number {
  if (p > 0.5) return -normalQuantile(1 - p);
  if (p < 0.02425) {
    const q = Math.sqrt(-2 * Math.log(p));
    const top =
      ((((-7.784894002430293e-3 * q - 0.3223964580411365) * q - 2.400758277161838) * q - 2.549732539343734) * q +
        4.374664141464968) *
        q +
      2.938163982698783;
    return (
      top /
      ((((7.784695709041462e-3 * q + 0.3224671290700398) * q + 2.445134137142996) * q + 3.754408661907416) * q + 1)
    );
  }
  const q = p - 0.5;
  const r = q * q;
  const top =
    (((((-39.69683028665376 * r + 220.9460984245205) * r - 275.9285104469687) * r + 138.357751867269) * r -
      30.66479806614716) *
      r +
      2.506628277459239) *
    q;
  return (
    top /
    (((((-54.47609879822406 * r + 161.5858368580409) * r - 155.6989798598866) * r + 66.80131188771972) * r -
      13.28068155288572) *
      r +
      1)
  );
}

/** Shuffles indices in place with a seed, by the method of Fisher and Yates. */
export function shuffle(indices: Uint32Array, ...seed: readonly number[]): void {
  if (!(indices instanceof Uint32Array))
    throw new ArgumentError(`shuffle: indices must be a Uint32Array, ${came(indices)}`);
  const random = new Random(...seed);
  for (let i = indices.length - 1; i > 0; i--) {
    const j = random.below(i + 1);
    const swapped = indices[i]!;
    indices[i] = indices[j]!;
    indices[j] = swapped;
  }
}
