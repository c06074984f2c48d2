// conv2dMaxPoolFilterGrad: gradients of conv2dMaxPool for its filter and its bias. Only the pixel that a window has chosen gets a
// gradient, so the sum has one term for each window instead of one for each pixel of z:
//   dw[ky, kx, ci, k] = sum over b, oy, ox of dy[b, oy, ox, k] * x[b, my*SY + ky*DY, mx*SX + kx*DX, ci],   db[k] = sum of dy[b, oy, ox, k]
// with (my, mx) = (oy*PH + t / PW, ox*PW + t % PW), t = chosen[b, oy, ox, k]; where t is no tap, it is the bits
// of what counts in the place of dy: -0, or a NaN.
// x: [n, H, W, C] NHWC, borders included. dy, chosen: [n, OH, OW, K]; WINDOWS = n*OH*OW. dw: [KH, KW, C, K] HWIO. KW is at most 8.
// The windows are cut into CHUNKS of LENGTH; partial: [CHUNKS, KH*KW*C + 1, K], the last row is the bias'. `finish` sums the chunks
// in a fixed order, one invocation a weight.
//   `rows`   one invocation up to five rows of the kernel (a column ky, up to 8 values kx), one ci, one k
//   `rows4`  one invocation one row of the kernel and four ci; C counts vec4s
//   `biases` the bias alone (R = 0), for a filter gradient that is computed elsewhere; one invocation a chunk and k
// The first two have one invocation more for each k and chunk, for the bias. Grid: neighbours along k, then rows, then chunks; folded.

override WINDOWS: u32;
override H: u32;
override W: u32;
override C: u32;
override OH: u32;
override OW: u32;
override K: u32;
override KH: u32;
override KW: u32;
override SY: u32;
override SX: u32;
override DY: u32;
override DX: u32;
override PH: u32;
override PW: u32;
override CHUNKS: u32;
override LENGTH: u32;
// Channels of x, counted in ones.
override CI: u32;
override R: u32 = KH * KW * CI;

@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(0) var<storage, read> x4: array<vec4f>;
@group(0) @binding(1) var<storage, read> dy: array<f32>;
@group(0) @binding(2) var<storage, read> chosen: array<u32>;
@group(0) @binding(3) var<storage, read_write> partial: array<f32>;
@group(0) @binding(0) var<storage, read> partials: array<f32>;
@group(0) @binding(1) var<storage, read_write> dw: array<f32>;
@group(0) @binding(2) var<storage, read_write> db: array<f32>;

// Choices from here on are no taps.
const NAN = 0x7fc00000u;

// What the window's choice is multiplied by.
fn upstream(at: u32, choice: u32) -> f32 {
  return select(dy[at], bitcast<f32>(choice), choice >= NAN);
}

// Where in x the window of the pixel begins that window p has chosen, for the filter's first tap.
fn corner(p: u32, tap: u32) -> u32 {
  let row = p / OW;
  let my = row % OH * PH + tap / PW;
  let mx = p % OW * PW + tap % PW;
  return ((row / OH * H + my * SY) * W + mx * SX) * C;
}

// A sum in levels: single terms, sums of 8 terms, of 64 and of 512. In one long row each term would be rounded to the whole
// total, and compensation is nothing to rely on: the language lets compilers undo it.
struct Sum { n: u32, a: f32, b: f32, c: f32, d: f32 }

fn plus(sum: Sum, term: f32) -> Sum {
  var s = sum;
  s.n += 1u;
  s.a += term;
  if (LENGTH > 8u && s.n % 8u == 0u) {
    s.b += s.a;
    s.a = 0.0;
    if (s.n % 64u == 0u) {
      s.c += s.b;
      s.b = 0.0;
      if (s.n % 512u == 0u) {
        s.d += s.c;
        s.c = 0.0;
      }
    }
  }
  return s;
}

fn totalOf(s: Sum) -> f32 { return ((s.a + s.b) + s.c) + s.d; }

fn sumOfBias(chunk: u32, k: u32) {
  var s = Sum();
  for (var p = chunk * LENGTH; p < min((chunk + 1u) * LENGTH, WINDOWS); p++) {
    s = plus(s, upstream(p * K + k, chosen[p * K + k]));
  }
  partial[(chunk * (R + 1u) + R) * K + k] = totalOf(s);
}

fn store(chunk: u32, ky: u32, ci: u32, k: u32, a: vec4f, b: vec4f) {
  if (ky >= KH) { return; }
  let i = (chunk * (R + 1u) + ky * KW * CI + ci) * K + k;
  let step = CI * K;
  partial[i] = a.x;
  if (KW > 1u) { partial[i + step] = a.y; }
  if (KW > 2u) { partial[i + 2u * step] = a.z; }
  if (KW > 3u) { partial[i + 3u * step] = a.w; }
  if (KW > 4u) { partial[i + 4u * step] = b.x; }
  if (KW > 5u) { partial[i + 5u * step] = b.y; }
  if (KW > 6u) { partial[i + 6u * step] = b.z; }
  if (KW > 7u) { partial[i + 7u * step] = b.w; }
}

// Four taps of a row of the filter, of those that exist.
fn row(i: u32, taps: u32) -> vec4f {
  let step = DX * C;
  // Whole vectors, since changing one of its components costs some compilers a copy.
  if (taps > 3u) { return vec4f(x[i], x[i + step], x[i + 2u * step], x[i + 3u * step]); }
  if (taps == 3u) { return vec4f(x[i], x[i + step], x[i + 2u * step], 0.0); }
  if (taps == 2u) { return vec4f(x[i], x[i + step], 0.0, 0.0); }
  return vec4f(x[i], 0.0, 0.0, 0.0);
}

@compute @workgroup_size(64)
fn biases(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  let i = (group.y * groups.x + group.x) * 64u + local;
  if (i < K * CHUNKS) { sumOfBias(i / K, i % K); }
}

@compute @workgroup_size(64)
fn rows(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  let i = (group.y * groups.x + group.x) * 64u + local;
  let parts = (KH + 4u) / 5u * C;
  let k = i % K;
  let part = i / K % (parts + 1u);
  let chunk = i / (K * (parts + 1u));
  if (chunk >= CHUNKS) { return; }
  if (part == parts) {
    sumOfBias(chunk, k);
    return;
  }
  let ci = part % C;
  let ky = part / C * 5u;
  // Rows of the filter that do not exist stand for the last one; their sums are not stored.
  let r0 = ky * DY * W * C + ci;
  let r1 = min(ky + 1u, KH - 1u) * DY * W * C + ci;
  let r2 = min(ky + 2u, KH - 1u) * DY * W * C + ci;
  let r3 = min(ky + 3u, KH - 1u) * DY * W * C + ci;
  let r4 = min(ky + 4u, KH - 1u) * DY * W * C + ci;
  var a0 = vec4f(); var a1 = vec4f(); var a2 = vec4f(); var a3 = vec4f(); var a4 = vec4f();
  var b0 = vec4f(); var b1 = vec4f(); var b2 = vec4f(); var b3 = vec4f(); var b4 = vec4f();
  for (var p = chunk * LENGTH; p < min((chunk + 1u) * LENGTH, WINDOWS); p++) {
    let tap = chosen[p * K + k];
    let d = upstream(p * K + k, tap);
    let at = corner(p, select(tap, 0u, tap >= NAN));
    a0 += d * row(at + r0, KW);
    if (KH > 1u) { a1 += d * row(at + r1, KW); }
    if (KH > 2u) { a2 += d * row(at + r2, KW); }
    if (KH > 3u) { a3 += d * row(at + r3, KW); }
    if (KH > 4u) { a4 += d * row(at + r4, KW); }
    if (KW > 4u) {
      let right = at + 4u * DX * C;
      b0 += d * row(right + r0, KW - 4u);
      if (KH > 1u) { b1 += d * row(right + r1, KW - 4u); }
      if (KH > 2u) { b2 += d * row(right + r2, KW - 4u); }
      if (KH > 3u) { b3 += d * row(right + r3, KW - 4u); }
      if (KH > 4u) { b4 += d * row(right + r4, KW - 4u); }
    }
  }
  store(chunk, ky, ci, k, a0, b0);
  store(chunk, ky + 1u, ci, k, a1, b1);
  store(chunk, ky + 2u, ci, k, a2, b2);
  store(chunk, ky + 3u, ci, k, a3, b3);
  store(chunk, ky + 4u, ci, k, a4, b4);
}

@compute @workgroup_size(64)
fn rows4(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  let i = (group.y * groups.x + group.x) * 64u + local;
  let parts = KH * C;
  let k = i % K;
  let part = i / K % (parts + 1u);
  let chunk = i / (K * (parts + 1u));
  if (chunk >= CHUNKS) { return; }
  if (part == parts) {
    sumOfBias(chunk, k);
    return;
  }
  let ci = part % C;
  let ky = part / C;
  let r = ky * DY * W * C + ci;
  let step = DX * C;
  var a0 = vec4f(); var a1 = vec4f(); var a2 = vec4f(); var a3 = vec4f();
  var a4 = vec4f(); var a5 = vec4f(); var a6 = vec4f(); var a7 = vec4f();
  for (var p = chunk * LENGTH; p < min((chunk + 1u) * LENGTH, WINDOWS); p++) {
    let tap = chosen[p * K + k];
    let d = upstream(p * K + k, tap);
    let at = corner(p, select(tap, 0u, tap >= NAN)) + r;
    a0 += d * x4[at];
    if (KW > 1u) { a1 += d * x4[at + step]; }
    if (KW > 2u) { a2 += d * x4[at + 2u * step]; }
    if (KW > 3u) { a3 += d * x4[at + 3u * step]; }
    if (KW > 4u) { a4 += d * x4[at + 4u * step]; }
    if (KW > 5u) { a5 += d * x4[at + 5u * step]; }
    if (KW > 6u) { a6 += d * x4[at + 6u * step]; }
    if (KW > 7u) { a7 += d * x4[at + 7u * step]; }
  }
  store(chunk, ky, 4u * ci, k, vec4f(a0.x, a1.x, a2.x, a3.x), vec4f(a4.x, a5.x, a6.x, a7.x));
  store(chunk, ky, 4u * ci + 1u, k, vec4f(a0.y, a1.y, a2.y, a3.y), vec4f(a4.y, a5.y, a6.y, a7.y));
  store(chunk, ky, 4u * ci + 2u, k, vec4f(a0.z, a1.z, a2.z, a3.z), vec4f(a4.z, a5.z, a6.z, a7.z));
  store(chunk, ky, 4u * ci + 3u, k, vec4f(a0.w, a1.w, a2.w, a3.w), vec4f(a4.w, a5.w, a6.w, a7.w));
}

@compute @workgroup_size(64)
fn finish(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  let i = (group.y * groups.x + group.x) * 64u + local;
  let size = (R + 1u) * K;
  if (i >= size) { return; }
  // Four sums at once, so that no load waits for an addition.
  var total = vec4f();
  for (var m = 0u; m < CHUNKS; m += 32u) {
    var part = vec4f();
    for (var n = m; n < min(m + 32u, CHUNKS); n += 4u) {
      let at = vec4u(n, n + 1u, n + 2u, n + 3u);
      let index = min(at, vec4u(CHUNKS - 1u)) * size + i;
      let values = vec4f(partials[index.x], partials[index.y], partials[index.z], partials[index.w]);
      part += select(vec4f(), values, at < vec4u(CHUNKS));
    }
    total += part;
  }
  let sum = (total.x + total.y) + (total.z + total.w);
  if (i < R * K) { dw[i] = sum; } else { db[i - R * K] = sum; }
}
