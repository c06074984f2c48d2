// conv2dFilterGrad: dw[ky, kx, ci, k] = sum over b, oy, ox of x[b, oy*SY + ky*DY - TOP, ox*SX + kx*DX - LEFT, g*CG + ci] * dy[b, oy, ox, k]
// where x is 0 outside the image and g = k / KG is the group of channel k: the gradient of conv2d for its filter.
// x: [n, H, W, C] NHWC. dy: [n, OH, OW, K]; PIXELS = n*OH*OW. dw: [KH, KW, CG, K] HWIO. CG = C/groups, KG = K/groups.
//
// Ladder. Rung 1, `plain`: one invocation a weight, any case; what the others are compared with.
// The others cut the pixels into CHUNKS of LENGTH (a multiple of 4) and write partial: [CHUNKS, KH*KW*CG, K], which `finish` sums in a
// fixed order into dw. They hold a tile of 8 steps (ky, kx, ci) x 8 channels k (KT = 2) or 4 (KT = 1) in named matrices, a column a
// step, a row a channel, and take four pixels at once; there, K and KG count vec4s, multiples of KT. They use no barriers, and
// read x without testing for its border: TOP = LEFT = 0 and every tap lies inside (the host pads into scratch).
//   `tile`   any stride, dilation and number of channels: x is read element by element
//   `tile4`  the same where C and CG count vec4s too
//   `depthwise`  groups of one channel (CG = KG = 1), C = K count vec4s: a tile is 5 taps x 4 channels, KT = 1
//   `finish`  one invocation a weight; dw has the first KO of partial's 4*K channels; C and CG count elements, KT is not used.
//     It sums SPAN chunks after one another and writes ceil(CHUNKS / SPAN) results: chunks again, if that is not 1
// Grid: invocations are neighbours along channels, then tiles of steps, then chunks; folded into two dimensions.

override PIXELS: u32;
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
override TOP: u32;
override LEFT: u32;
override CG: u32;
override KG: u32;
override KT: u32;
override CHUNKS: u32;
override LENGTH: u32;
override KO: u32;
override SPAN: u32;
// Steps (ky, kx, ci).
override R: u32 = KH * KW * CG;

@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read> dy: array<f32>;
@group(0) @binding(2) var<storage, read_write> dw: array<f32>;
@group(0) @binding(0) var<storage, read> x4: array<vec4f>;
@group(0) @binding(1) var<storage, read> dy4: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> partial: array<vec4f>;
@group(0) @binding(0) var<storage, read> partials: array<f32>;

// A sum in levels: single terms, sums of 8 terms, of 64, 512, 4,096 and 32,768. In one long row each term would be rounded to the whole
// total, and compensation is nothing to rely on: the language lets compilers undo it.
struct Sum { n: u32, a: f32, b: f32, c: f32, d: f32, e: f32, f: f32 }

fn plus(sum: Sum, term: f32) -> Sum {
  var s = sum;
  s.n += 1u;
  s.a += term;
  if (s.n % 8u == 0u) {
    s.b += s.a;
    s.a = 0.0;
    if (s.n % 64u == 0u) {
      s.c += s.b;
      s.b = 0.0;
      if (s.n % 512u == 0u) {
        s.d += s.c;
        s.c = 0.0;
        if (s.n % 4096u == 0u) {
          s.e += s.d;
          s.d = 0.0;
          if (s.n % 32768u == 0u) {
            s.f += s.e;
            s.e = 0.0;
          }
        }
      }
    }
  }
  return s;
}

fn totalOf(s: Sum) -> f32 { return ((((s.a + s.b) + s.c) + s.d) + s.e) + s.f; }

@compute @workgroup_size(64)
fn plain(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  let i = (group.y * groups.x + group.x) * 64u + local;
  if (i >= R * K) { return; }
  let k = i % K;
  let r = i / K;
  let c = (k / KG) * CG + r % CG;
  let kx = (r / CG) % KW;
  let ky = r / (CG * KW);
  var s = Sum();
  for (var row = 0u; row < PIXELS / OW; row++) {
    // Above or left of the image this wraps round to a huge number, so one comparison tests both sides.
    let iy = (row % OH) * SY + ky * DY - TOP;
    if (iy >= H) { continue; }
    for (var ox = 0u; ox < OW; ox++) {
      let ix = ox * SX + kx * DX - LEFT;
      if (ix >= W) { continue; }
      s = plus(s, x[(((row / OH) * H + iy) * W + ix) * C + c] * dy[(row * OW + ox) * K + k]);
    }
  }
  dw[i] = totalOf(s);
}

// Where in x the window of output pixel p begins.
fn corner(p: u32) -> u32 {
  let row = p / OW;
  return (((row / OH) * H + (row % OH) * SY) * W + (p % OW) * SX) * C;
}

// Distance from the corner to step r of the filter; steps beyond the last stand for the last.
fn offset(r: u32) -> u32 {
  let s = min(r, R - 1u);
  let tap = s / CG;
  return ((tap / KW) * DY * W + (tap % KW) * DX) * C + s % CG;
}

// Whether pixel p exists; the last four may be incomplete. What does not exist counts as 0 on both sides of the product, so
// that an infinity beside it stays one.
fn within(p: u32) -> bool {
  return PIXELS % 4u == 0u || p < PIXELS;
}

fn value(i: u32, exists: bool) -> f32 {
  return select(0.0, x[i], exists);
}

fn value4(i: u32, exists: bool) -> vec4f {
  return select(vec4f(0.0), x4[i], exists);
}

fn upstream(p: u32, k: u32) -> vec4f {
  return select(vec4f(0.0), dy4[p * K + k], within(p));
}

// Stores the steps r to r + 7 that exist, of `count`; a and b hold four steps each of vec4 k, c and d of vec4 k + 1.
fn store(chunk: u32, r: u32, count: u32, k: u32, a: mat4x4f, b: mat4x4f, c: mat4x4f, d: mat4x4f) {
  let i = (chunk * count + r) * K + k;
  partial[i] = a[0];
  if (r + 1u < count) { partial[i + K] = a[1]; }
  if (r + 2u < count) { partial[i + 2u * K] = a[2]; }
  if (r + 3u < count) { partial[i + 3u * K] = a[3]; }
  if (r + 4u < count) { partial[i + 4u * K] = b[0]; }
  if (r + 5u < count) { partial[i + 5u * K] = b[1]; }
  if (r + 6u < count) { partial[i + 6u * K] = b[2]; }
  if (r + 7u < count) { partial[i + 7u * K] = b[3]; }
  if (KT == 2u) {
    let j = i + 1u;
    partial[j] = c[0];
    if (r + 1u < count) { partial[j + K] = c[1]; }
    if (r + 2u < count) { partial[j + 2u * K] = c[2]; }
    if (r + 3u < count) { partial[j + 3u * K] = c[3]; }
    if (r + 4u < count) { partial[j + 4u * K] = d[0]; }
    if (r + 5u < count) { partial[j + 5u * K] = d[1]; }
    if (r + 6u < count) { partial[j + 6u * K] = d[2]; }
    if (r + 7u < count) { partial[j + 7u * K] = d[3]; }
  }
}

@compute @workgroup_size(64)
fn tile(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  let i = (group.y * groups.x + group.x) * 64u + local;
  let tiles = (R + 7u) / 8u;
  let k = (i % (K / KT)) * KT;
  let r = ((i / (K / KT)) % tiles) * 8u;
  let chunk = i / (K / KT * tiles);
  if (chunk >= CHUNKS) { return; }
  let c0 = (k / KG) * CG;
  let r0 = offset(r) + c0;
  let r1 = offset(r + 1u) + c0;
  let r2 = offset(r + 2u) + c0;
  let r3 = offset(r + 3u) + c0;
  let r4 = offset(r + 4u) + c0;
  let r5 = offset(r + 5u) + c0;
  let r6 = offset(r + 6u) + c0;
  let r7 = offset(r + 7u) + c0;
  var a = mat4x4f();
  var b = mat4x4f();
  var c = mat4x4f();
  var d = mat4x4f();
  for (var p = chunk * LENGTH; p < min((chunk + 1u) * LENGTH, PIXELS); p += 4u) {
    let p0 = corner(p);
    let p1 = corner(p + 1u);
    let p2 = corner(p + 2u);
    let p3 = corner(p + 3u);
    let in1 = within(p + 1u);
    let in2 = within(p + 2u);
    let in3 = within(p + 3u);
    let xa = mat4x4f(
      x[p0 + r0], value(p1 + r0, in1), value(p2 + r0, in2), value(p3 + r0, in3),
      x[p0 + r1], value(p1 + r1, in1), value(p2 + r1, in2), value(p3 + r1, in3),
      x[p0 + r2], value(p1 + r2, in1), value(p2 + r2, in2), value(p3 + r2, in3),
      x[p0 + r3], value(p1 + r3, in1), value(p2 + r3, in2), value(p3 + r3, in3));
    let xb = mat4x4f(
      x[p0 + r4], value(p1 + r4, in1), value(p2 + r4, in2), value(p3 + r4, in3),
      x[p0 + r5], value(p1 + r5, in1), value(p2 + r5, in2), value(p3 + r5, in3),
      x[p0 + r6], value(p1 + r6, in1), value(p2 + r6, in2), value(p3 + r6, in3),
      x[p0 + r7], value(p1 + r7, in1), value(p2 + r7, in2), value(p3 + r7, in3));
    let da = mat4x4f(dy4[p * K + k], upstream(p + 1u, k), upstream(p + 2u, k), upstream(p + 3u, k));
    a += da * xa;
    b += da * xb;
    if (KT == 2u) {
      let db = mat4x4f(dy4[p * K + k + 1u], upstream(p + 1u, k + 1u), upstream(p + 2u, k + 1u), upstream(p + 3u, k + 1u));
      c += db * xa;
      d += db * xb;
    }
  }
  store(chunk, r, R, k, a, b, c, d);
}

@compute @workgroup_size(64)
fn tile4(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  let i = (group.y * groups.x + group.x) * 64u + local;
  let tiles = (R + 1u) / 2u;
  let k = (i % (K / KT)) * KT;
  let r = ((i / (K / KT)) % tiles) * 2u;
  let chunk = i / (K / KT * tiles);
  if (chunk >= CHUNKS) { return; }
  let c0 = (k / KG) * CG;
  let r0 = offset(r) + c0;
  let r1 = offset(r + 1u) + c0;
  var a = mat4x4f();
  var b = mat4x4f();
  var c = mat4x4f();
  var d = mat4x4f();
  for (var p = chunk * LENGTH; p < min((chunk + 1u) * LENGTH, PIXELS); p += 4u) {
    let p0 = corner(p);
    let p1 = corner(p + 1u);
    let p2 = corner(p + 2u);
    let p3 = corner(p + 3u);
    let in1 = within(p + 1u);
    let in2 = within(p + 2u);
    let in3 = within(p + 3u);
    let xa = transpose(mat4x4f(x4[p0 + r0], value4(p1 + r0, in1), value4(p2 + r0, in2), value4(p3 + r0, in3)));
    let xb = transpose(mat4x4f(x4[p0 + r1], value4(p1 + r1, in1), value4(p2 + r1, in2), value4(p3 + r1, in3)));
    let da = mat4x4f(dy4[p * K + k], upstream(p + 1u, k), upstream(p + 2u, k), upstream(p + 3u, k));
    a += da * xa;
    b += da * xb;
    if (KT == 2u) {
      let db = mat4x4f(dy4[p * K + k + 1u], upstream(p + 1u, k + 1u), upstream(p + 2u, k + 1u), upstream(p + 3u, k + 1u));
      c += db * xa;
      d += db * xb;
    }
  }
  store(chunk, 4u * r, 4u * R, k, a, b, c, d);
}

@compute @workgroup_size(64)
fn depthwise(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  let i = (group.y * groups.x + group.x) * 64u + local;
  let tiles = (KH * KW + 4u) / 5u;
  let k = i % K;
  let r = ((i / K) % tiles) * 5u;
  let chunk = i / (K * tiles);
  if (chunk >= CHUNKS) { return; }
  let r0 = offset(r) + k;
  let r1 = offset(r + 1u) + k;
  let r2 = offset(r + 2u) + k;
  let r3 = offset(r + 3u) + k;
  let r4 = offset(r + 4u) + k;
  var a = vec4f(0.0);
  var b = vec4f(0.0);
  var c = vec4f(0.0);
  var d = vec4f(0.0);
  var e = vec4f(0.0);
  for (var p = chunk * LENGTH; p < min((chunk + 1u) * LENGTH, PIXELS); p += 2u) {
    let p0 = corner(p);
    let p1 = corner(p + 1u);
    let d0 = dy4[p * K + k];
    let d1 = upstream(p + 1u, k);
    let in1 = within(p + 1u);
    a += x4[p0 + r0] * d0 + value4(p1 + r0, in1) * d1;
    b += x4[p0 + r1] * d0 + value4(p1 + r1, in1) * d1;
    c += x4[p0 + r2] * d0 + value4(p1 + r2, in1) * d1;
    d += x4[p0 + r3] * d0 + value4(p1 + r3, in1) * d1;
    e += x4[p0 + r4] * d0 + value4(p1 + r4, in1) * d1;
  }
  let o = (chunk * R + r) * K + k;
  partial[o] = a;
  if (r + 1u < R) { partial[o + K] = b; }
  if (r + 2u < R) { partial[o + 2u * K] = c; }
  if (r + 3u < R) { partial[o + 3u * K] = d; }
  if (r + 4u < R) { partial[o + 4u * K] = e; }
}

@compute @workgroup_size(64)
fn finish(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  let i = (group.y * groups.x + group.x) * 64u + local;
  let weight = i % (R * KO);
  let start = (i / (R * KO)) * SPAN;
  if (start >= CHUNKS) { return; }
  let stride = R * 4u * K;
  let place = (weight / KO) * 4u * K + weight % KO;
  let end = min(start + SPAN, CHUNKS);
  // Four sums at once, so that no load waits for an addition.
  var total = vec4f(0.0);
  for (var m = start; m < end; m += 16u) {
    var part = vec4f(0.0);
    for (var n = m; n < min(m + 16u, end); n += 4u) {
      let at = vec4u(n, n + 1u, n + 2u, n + 3u);
      let index = min(at, vec4u(end - 1u)) * stride + place;
      let values = vec4f(partials[index.x], partials[index.y], partials[index.z], partials[index.w]);
      part += select(vec4f(0.0), values, at < vec4u(end));
    }
    total += part;
  }
  dw[i] = (total.x + total.y) + (total.z + total.w);
}
