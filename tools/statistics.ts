/** Statistics of brain images, by which the simulator is calibrated on the course's pictures. */
const n = 128;

/** Statistics with a number for each image, or for each pair of images. They compare real pictures with simulated ones. */
export type Statistics = Record<string, number[]>;

/** Measures images `[128, 128]` of 0..1; each statistic lists its value for every image. */
export function imageStatistics(images: readonly Float32Array[]): Statistics {
  const out: Statistics = {};
  const add = (name: string, value: number): void => {
    out[name] ??= [];
    out[name].push(value);
  };
  const residuals: Float32Array[] = [];
  for (const image of images) {
    const mask = insideMask(image);
    const smooth = blur(image, 2);
    const wide = blur(image, 4);
    const inside: number[] = [];
    for (let p = 0; p < n * n; p++) if (mask[p]) inside.push(image[p]!);
    inside.sort((a, b) => a - b);
    const quantile = (q: number): number => inside[Math.floor(q * (inside.length - 1))]!;
    const residual = image.map((v, p) => (mask[p] ? v - smooth[p]! : 0));
    const noise = Math.sqrt(sum(residual, (v) => v * v) / inside.length);
    const unit = residual.map((v) => v / noise);
    residuals.push(unit);
    const acf = (dx: number, dy: number): number => correlation(unit, unit, mask, dx, dy);
    add('noise, rms of image minus blur 2', noise);
    add('  kurtosis', sum(unit, (v) => v ** 4) / inside.length - 3);
    add('  skewness', sum(unit, (v) => v ** 3) / inside.length);
    for (const lag of [1, 2, 3, 4]) {
      add(`  autocorrelation x ${lag}`, acf(lag, 0));
      add(`  autocorrelation y ${lag}`, acf(0, lag));
    }
    add('  autocorrelation diagonal', acf(1, 1));
    add('  autocorrelation x 16', acf(16, 0));
    add('  autocorrelation y 16', acf(0, 16));
    add('  autocorrelation x 32', acf(32, 0));
    add('  autocorrelation y 32', acf(0, 32));
    add('  autocorrelation xy 32', acf(32, 32));
    add('  autocorrelation x 64', acf(64, 0));
    add('  autocorrelation y 64', acf(0, 64));
    const strength = (x0: number, x1: number): number => {
      let squares = 0;
      let count = 0;
      for (let y = 40; y < 88; y++)
        for (let x = x0; x < x1; x++) {
          if (!mask[y * n + x]) continue;
          squares += unit[y * n + x]! ** 2;
          count++;
        }
      return Math.sqrt(squares / count);
    };
    add('  strength at x 0..16', strength(0, 16));
    add('  strength at x 48..64', strength(48, 64));
    add('background share of the frame', 1 - inside.length / (n * n));
    add('lower left corner, value', image[(n - 2) * n + 1]!);
    add('  its deviation over 6 x 6', cornerDeviation(image, 0, n - 6));
    add('lower right corner, deviation', cornerDeviation(image, n - 6, n - 6));
    add('mean inside', sum(inside, (v) => v) / inside.length);
    for (const q of [0.01, 0.1, 0.5, 0.9, 0.99]) add(`  quantile ${q}`, quantile(q));
    add('content (blur 4), deviation / noise', deviation(wide, mask) / noise);
    add('  its peak above the corner / noise', (Math.max(...wide) - image[(n - 2) * n + 1]!) / noise);
    add('  mirror correlation', mirror(wide, mask).correlation);
    add('  midline row', mirror(wide, mask).row);
    const [cx, cy] = centroid(wide, mask);
    add('  brightest tenth, mean x', cx);
    add('  brightest tenth, mean y', cy);
  }
  for (let i = 0; i < residuals.length; i++)
    for (let j = 0; j < i; j++) {
      let c = 0;
      for (let p = 0; p < n * n; p++) c += residuals[i]![p]! * residuals[j]![p]!;
      add('noise of two images, correlation', c / (n * n));
    }
  for (const [name, value] of Object.entries(gridPower(residuals))) add(name, value);
  return out;
}

/** Mean and standard deviation of a list. */
export function spread(values: readonly number[]): [mean: number, deviation: number] {
  const mean = sum(values, (v) => v) / values.length;
  return [mean, Math.sqrt(sum(values, (v) => (v - mean) ** 2) / Math.max(1, values.length - 1))];
}

function sum(values: ArrayLike<number>, f: (v: number) => number): number {
  let total = 0;
  for (let i = 0; i < values.length; i++) total += f(values[i]!);
  return total;
}

/** Gaussian blur. Pixels at the edge are repeated outwards. */
function blur(image: Float32Array, sigma: number): Float32Array {
  const radius = Math.ceil(3 * sigma);
  const taps = Array.from({ length: 2 * radius + 1 }, (_, i) => Math.exp(-((i - radius) ** 2) / (2 * sigma * sigma)));
  const total = sum(taps, (v) => v);
  let now = image;
  for (let axis = 0; axis < 2; axis++) {
    const next = new Float32Array(n * n);
    for (let y = 0; y < n; y++)
      for (let x = 0; x < n; x++) {
        let v = 0;
        for (let k = -radius; k <= radius; k++)
          v += taps[k + radius]! * now[y * n + Math.min(n - 1, Math.max(0, x + k))]!;
        next[x * n + y] = v / total;
      }
    now = next;
  }
  return now;
}

/** 1 where there is tissue: pixels that cannot be reached from a corner over pixels with flat 3 x 3 surroundings. */
function insideMask(image: Float32Array): Uint8Array {
  const flat = (x: number, y: number): boolean => {
    let s = 0;
    let q = 0;
    let c = 0;
    for (let v = Math.max(0, y - 1); v <= Math.min(n - 1, y + 1); v++)
      for (let u = Math.max(0, x - 1); u <= Math.min(n - 1, x + 1); u++) {
        const value = image[v * n + u]!;
        s += value;
        q += value * value;
        c++;
      }
    return q / c - (s / c) ** 2 < 0.015 ** 2;
  };
  const outside = new Uint8Array(n * n);
  const stack = [0, n - 1, n * (n - 1), n * n - 1].filter((p) => flat(p % n, Math.floor(p / n)));
  for (const p of stack) outside[p] = 1;
  for (let p = stack.pop(); p !== undefined; p = stack.pop()) {
    const x = p % n;
    const y = Math.floor(p / n);
    for (const [u, v] of [
      [x + 1, y],
      [x - 1, y],
      [x, y + 1],
      [x, y - 1],
    ] as const) {
      if (u < 0 || v < 0 || u >= n || v >= n || outside[v * n + u] || !flat(u, v)) continue;
      outside[v * n + u] = 1;
      stack.push(v * n + u);
    }
  }
  return outside.map((v, p) => {
    const near = v || outside[p - 1] || outside[p + 1] || outside[p - n] || outside[p + n];
    return near ? 0 : 1;
  });
}

function correlation(a: Float32Array, b: Float32Array, mask: Uint8Array, dx: number, dy: number): number {
  let c = 0;
  let count = 0;
  for (let y = 0; y + dy < n; y++)
    for (let x = 0; x + dx < n; x++) {
      const p = y * n + x;
      const q = p + dy * n + dx;
      if (!mask[p] || !mask[q]) continue;
      c += a[p]! * b[q]!;
      count++;
    }
  return c / count;
}

function deviation(image: Float32Array, mask: Uint8Array): number {
  return spread(Array.from(image).filter((_, p) => mask[p]))[1];
}

function cornerDeviation(image: Float32Array, x0: number, y0: number): number {
  const values: number[] = [];
  for (let y = y0; y < y0 + 6; y++) for (let x = x0; x < x0 + 6; x++) values.push(image[y * n + x]!);
  return spread(values)[1];
}

/** The row of the midline: the image right of the centre is most similar to its mirror image about this row. */
function mirror(image: Float32Array, mask: Uint8Array): { row: number; correlation: number } {
  let best = { row: 0, correlation: -1 };
  for (let twice = 116; twice <= 146; twice++) {
    const a: number[] = [];
    const b: number[] = [];
    for (let y = Math.max(0, twice - n + 1); 2 * y < twice; y += 2)
      for (let x = 20; x < 116; x += 2) {
        const q = (twice - y) * n + x;
        if (!mask[y * n + x] || !mask[q]) continue;
        a.push(image[y * n + x]!);
        b.push(image[q]!);
      }
    const [ma, sa] = spread(a);
    const [mb, sb] = spread(b);
    const c =
      sum(
        a.map((v, i) => (v - ma) * (b[i]! - mb)),
        (v) => v,
      ) /
      (a.length * sa * sb);
    if (c > best.correlation) best = { row: twice / 2, correlation: c };
  }
  return best;
}

function centroid(image: Float32Array, mask: Uint8Array): [x: number, y: number] {
  const order = Array.from(image.keys())
    .filter((p) => mask[p])
    .sort((a, b) => image[b]! - image[a]!);
  const top = order.slice(0, Math.floor(order.length / 10));
  return [sum(top, (p) => p % n) / top.length, sum(top, (p) => Math.floor(p / n)) / top.length];
}

/**
 * Mean power of the noise at frequencies with this period (and no longer one), relative to that at frequencies off the
 * grid of 1/32.
 */
function gridPower(residuals: readonly Float32Array[]): Record<string, number> {
  const power = new Float64Array(n * n);
  for (const r of residuals) {
    const p = powerSpectrum(r);
    for (let i = 0; i < p.length; i++) power[i]! += p[i]!;
  }
  const mean = (want: (fx: number, fy: number) => boolean): number => {
    let total = 0;
    let count = 0;
    for (let fy = 0; fy < n; fy++)
      for (let fx = 0; fx < n; fx++) {
        if (Math.hypot(Math.min(fx, n - fx), Math.min(fy, n - fy)) < 12 || !want(fx, fy)) continue;
        total += power[fy * n + fx]!;
        count++;
      }
    return total / count;
  };
  const off = mean((fx, fy) => fx % 4 !== 0 || fy % 4 !== 0);
  const ring = (step: number) => (fx: number, fy: number) =>
    fx % step === 0 && fy % step === 0 && !(fx % (2 * step) === 0 && fy % (2 * step) === 0);
  const shape = (from: number, to: number): number =>
    mean((fx, fy) => {
      const f = Math.hypot(Math.min(fx, n - fx), Math.min(fy, n - fy));
      return f >= from && f < to && (fx % 4 !== 0 || fy % 4 !== 0);
    }) / off;
  return {
    'grid power, period 32': mean(ring(4)) / off,
    'grid power, period 16': mean(ring(8)) / off,
    'grid power, period 8': mean(ring(16)) / off,
    'grid power, period 4 and 2': mean((fx, fy) => fx % 32 === 0 && fy % 32 === 0) / off,
    'off-grid power, frequency 12..18': shape(12, 18),
    'off-grid power, frequency 18..24': shape(18, 24),
    'off-grid power, frequency 24..30': shape(24, 30),
    'off-grid power, frequency 30..40': shape(30, 40),
    'off-grid power, frequency 40..55': shape(40, 55),
    'off-grid power, frequency 55..90': shape(55, 91),
  };
}

/** |DFT|^2 of an image, [fy][fx]. */
function powerSpectrum(image: Float32Array): Float64Array {
  const turn = Array.from(
    { length: n },
    (_, k) => [Math.cos((2 * Math.PI * k) / n), -Math.sin((2 * Math.PI * k) / n)] as const,
  );
  let re = Float64Array.from(image);
  let im = new Float64Array(n * n);
  for (let axis = 0; axis < 2; axis++) {
    const nextRe = new Float64Array(n * n);
    const nextIm = new Float64Array(n * n);
    for (let y = 0; y < n; y++)
      for (let f = 0; f < n; f++) {
        let a = 0;
        let b = 0;
        for (let x = 0; x < n; x++) {
          const [c, s] = turn[(x * f) % n]!;
          a += re[y * n + x]! * c - im[y * n + x]! * s;
          b += re[y * n + x]! * s + im[y * n + x]! * c;
        }
        nextRe[f * n + y] = a;
        nextIm[f * n + y] = b;
      }
    re = nextRe;
    im = nextIm;
  }
  return re.map((v, i) => v * v + im[i]! ** 2);
}
