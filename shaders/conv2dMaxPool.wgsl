// conv2dMaxPool: convolution, bias, activation and max-pool in one; the feature map between them never reaches memory.
//   z[b, my, mx, k] = f(bias[k] + sum over ky, kx, ci of x[b, my*SY + ky*DY, mx*SX + kx*DX, ci] * w[ky, kx, ci, k])
//   y[b, oy, ox, k] = max over ty < PH, tx < PW of z[b, oy*PH + ty, ox*PW + tx, k],   f = relu (RELU) or the identity
//   chosen[b, oy, ox, k] = ty*PW + tx of the first tap that is largest; a NaN is larger than all numbers. With RELU it is DEAD where
//   all of the window is 0, and a NaN's tap is put into NAN: in the place of dy, 0 and a NaN are passed on there.
// x: [n, H, W, C] NHWC, borders included. w: [KH, KW, C, K] HWIO. y, chosen: [n, OH, OW, K]. K counts vec4s. Without BIAS,
// `bias4` is bound to w and not read. No barriers. Grid: neighbours along channels, then along a row; folded.
//   `column`   strides and dilations 1, KH and KW at most 5, PW at most 4. One invocation walks down a strip of four columns of
//              z, ROWS rows of windows, and keeps the sums of the KH rows of z that a row of x takes part in: a value of x is
//              read once. The weights of 4 channels stay in registers where C is 1.
//   `window`   any window of at most 16 pixels. One invocation holds 16 pixels of z, TW whole windows, x 4 channels
//              (KT = 1) or 8 (KT = 2; K is then a multiple of 2).
//   `window4`  the same where C is whole vec4s; C counts them.

override IMAGES: u32;
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
override ROWS: u32;
override KT: u32;
override RELU: bool;
override BIAS: bool;
// Windows side by side in a tile of `column`, and of `window`.
override CW: u32 = 4u / min(PW, 4u);
override TW: u32 = max(1u, 16u / (PH * PW));

@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(0) var<storage, read> x4: array<vec4f>;
@group(0) @binding(1) var<storage, read> w4: array<vec4f>;
@group(0) @binding(2) var<storage, read> bias4: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> y4: array<vec4f>;
@group(0) @binding(4) var<storage, read_write> chosen4: array<vec4u>;

// As numbers, what is passed on in the place of dy.
const DEAD = 0x80000000u;
const NAN = 0x7fc00000u;

fn biasOf(k: u32) -> vec4f {
  if (BIAS) { return bias4[k]; }
  return vec4f();
}

// Integers in the order of f of the numbers, with NaNs as the largest. Comparisons of a NaN itself are not to be relied on.
fn rank(z: vec4f) -> vec4i {
  let bits = bitcast<vec4i>(z);
  if (RELU) {
    // Numbers below 0 end with the negative infinity, 0xff800000; NaNs with the same sign come after, and are made one with the others.
    let positive = select(bits, vec4i(), bits <= vec4i(-0x800000));
    return bitcast<vec4i>(min(bitcast<vec4u>(positive), vec4u(NAN)));
  }
  let size = bits & vec4i(0x7fffffff);
  return select(select(size, -size, bits < vec4i()), vec4i(0x7fffffff), size > vec4i(0x7f800000));
}

// The number that has the rank.
fn ranked(r: vec4i) -> vec4f {
  return bitcast<vec4f>(select(r, (-r) | vec4i(-0x7fffffff - 1), r < vec4i()));
}

// Takes a value of z, which is still to go through f, into the running maximum of its window.
fn fold(best: ptr<function, vec4i>, tap: ptr<function, vec4u>, z: vec4f, t: u32) {
  let height = rank(z);
  let larger = (height > *best) | vec4<bool>(t == 0u);
  *best = select(*best, height, larger);
  *tap = select(*tap, vec4u(t), larger);
}

fn store(i: u32, best: vec4i, tap: vec4u) {
  y4[i] = ranked(best);
  if (RELU) {
    chosen4[i] = select(select(tap, vec4u(DEAD), best == vec4i()), vec4u(NAN) | tap, best > vec4i(0x7f800000));
  } else {
    chosen4[i] = tap;
  }
}

fn outer(w: vec4f, x0: f32, x1: f32, x2: f32, x3: f32) -> mat4x4f {
  return mat4x4f(w * x0, w * x1, w * x2, w * x3);
}

// A row of the kernel times a row of x, for four pixels of z.
fn taps(wa: vec4f, wb: vec4f, wc: vec4f, wd: vec4f, we: vec4f, xa: vec4f, xb: vec4f) -> mat4x4f {
  var z = outer(wa, xa.x, xa.y, xa.z, xa.w);
  if (KW > 1u) { z += outer(wb, xa.y, xa.z, xa.w, xb.x); }
  if (KW > 2u) { z += outer(wc, xa.z, xa.w, xb.x, xb.y); }
  if (KW > 3u) { z += outer(wd, xa.w, xb.x, xb.y, xb.z); }
  if (KW > 4u) { z += outer(we, xb.x, xb.y, xb.z, xb.w); }
  return z;
}

// The KW - 1 values of a row of x that follow the four at i.
fn beyond(i: u32) -> vec4f {
  if (KW > 4u) { return vec4f(x[i + 4u * C], x[i + 5u * C], x[i + 6u * C], x[i + 7u * C]); }
  if (KW > 3u) { return vec4f(x[i + 4u * C], x[i + 5u * C], x[i + 6u * C], 0.0); }
  if (KW > 2u) { return vec4f(x[i + 4u * C], x[i + 5u * C], 0.0, 0.0); }
  if (KW > 1u) { return vec4f(x[i + 4u * C], 0.0, 0.0, 0.0); }
  return vec4f();
}

fn hoisted(ky: u32, kx: u32, k: u32) -> vec4f {
  if (C == 1u && ky < KH && kx < KW) { return w4[(ky * KW + kx) * K + k]; }
  return vec4f();
}

fn weight(known: vec4f, ky: u32, kx: u32, ci: u32, k: u32) -> vec4f {
  if (C > 1u && ky < KH && kx < KW) { return w4[((ky * KW + kx) * C + ci) * K + k]; }
  return known;
}

@compute @workgroup_size(64)
fn column(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  let i = (group.y * groups.x + group.x) * 64u + local;
  let tiles = (OW + CW - 1u) / CW;
  let bands = (OH + ROWS - 1u) / ROWS;
  let k = i % K;
  let ox = (i / K) % tiles * CW;
  let first = (i / (K * tiles)) % bands * ROWS;
  let b = i / (K * tiles * bands);
  if (b >= IMAGES) { return; }
  let corner = ((b * H + first * PH) * W + ox * PW) * C;
  let bias = biasOf(k);
  let bias4x4 = mat4x4f(bias, bias, bias, bias);
  // Weights (ky, kx) of a single input channel, read once.
  let h00 = hoisted(0u, 0u, k); let h01 = hoisted(0u, 1u, k); let h02 = hoisted(0u, 2u, k); let h03 = hoisted(0u, 3u, k); let h04 = hoisted(0u, 4u, k);
  let h10 = hoisted(1u, 0u, k); let h11 = hoisted(1u, 1u, k); let h12 = hoisted(1u, 2u, k); let h13 = hoisted(1u, 3u, k); let h14 = hoisted(1u, 4u, k);
  let h20 = hoisted(2u, 0u, k); let h21 = hoisted(2u, 1u, k); let h22 = hoisted(2u, 2u, k); let h23 = hoisted(2u, 3u, k); let h24 = hoisted(2u, 4u, k);
  let h30 = hoisted(3u, 0u, k); let h31 = hoisted(3u, 1u, k); let h32 = hoisted(3u, 2u, k); let h33 = hoisted(3u, 3u, k); let h34 = hoisted(3u, 4u, k);
  let h40 = hoisted(4u, 0u, k); let h41 = hoisted(4u, 1u, k); let h42 = hoisted(4u, 2u, k); let h43 = hoisted(4u, 3u, k); let h44 = hoisted(4u, 4u, k);
  // Sums of rows of z: s0 of the row that begins with this row of x, s4 of the one four above.
  var s0 = mat4x4f();
  var s1 = mat4x4f();
  var s2 = mat4x4f();
  var s3 = mat4x4f();
  var s4 = mat4x4f();
  var best0 = vec4i(); var best1 = vec4i(); var best2 = vec4i(); var best3 = vec4i();
  var tap0 = vec4u(); var tap1 = vec4u(); var tap2 = vec4u(); var tap3 = vec4u();
  let rows = min(ROWS, OH - first) * PH;
  for (var step = 0u; step < (rows + KH - 1u) * C; step++) {
    let ci = step % C;
    let row = step / C;
    if (C == 1u || ci == 0u) {
      s4 = s3;
      s3 = s2;
      s2 = s1;
      s1 = s0;
      s0 = bias4x4;
    }
    let xi = corner + row * W * C + ci;
    let xa = vec4f(x[xi], x[xi + C], x[xi + 2u * C], x[xi + 3u * C]);
    let xb = beyond(xi);
    s0 += taps(weight(h00, 0u, 0u, ci, k), weight(h01, 0u, 1u, ci, k), weight(h02, 0u, 2u, ci, k), weight(h03, 0u, 3u, ci, k), weight(h04, 0u, 4u, ci, k), xa, xb);
    if (KH > 1u) { s1 += taps(weight(h10, 1u, 0u, ci, k), weight(h11, 1u, 1u, ci, k), weight(h12, 1u, 2u, ci, k), weight(h13, 1u, 3u, ci, k), weight(h14, 1u, 4u, ci, k), xa, xb); }
    if (KH > 2u) { s2 += taps(weight(h20, 2u, 0u, ci, k), weight(h21, 2u, 1u, ci, k), weight(h22, 2u, 2u, ci, k), weight(h23, 2u, 3u, ci, k), weight(h24, 2u, 4u, ci, k), xa, xb); }
    if (KH > 3u) { s3 += taps(weight(h30, 3u, 0u, ci, k), weight(h31, 3u, 1u, ci, k), weight(h32, 3u, 2u, ci, k), weight(h33, 3u, 3u, ci, k), weight(h34, 3u, 4u, ci, k), xa, xb); }
    if (KH > 4u) { s4 += taps(weight(h40, 4u, 0u, ci, k), weight(h41, 4u, 1u, ci, k), weight(h42, 4u, 2u, ci, k), weight(h43, 4u, 3u, ci, k), weight(h44, 4u, 4u, ci, k), xa, xb); }
    if ((C == 1u || ci + 1u == C) && row + 1u >= KH) {
      var z = s0;
      if (KH == 2u) { z = s1; }
      if (KH == 3u) { z = s2; }
      if (KH == 4u) { z = s3; }
      if (KH == 5u) { z = s4; }
      let my = row + 1u - KH;
      let t = (my % PH) * PW;
      fold(&best0, &tap0, z[0], t);
      if (PW == 1u) {
        fold(&best1, &tap1, z[1], t);
        fold(&best2, &tap2, z[2], t);
        fold(&best3, &tap3, z[3], t);
      } else {
        fold(&best0, &tap0, z[1], t + 1u);
        if (PW == 2u) {
          fold(&best1, &tap1, z[2], t);
          fold(&best1, &tap1, z[3], t + 1u);
        } else {
          fold(&best0, &tap0, z[2], t + 2u);
          if (PW == 4u) { fold(&best0, &tap0, z[3], t + 3u); }
        }
      }
      if (my % PH == PH - 1u) {
        let o = ((b * OH + first + my / PH) * OW + ox) * K + k;
        store(o, best0, tap0);
        if (CW > 1u && ox + 1u < OW) { store(o + K, best1, tap1); }
        if (CW > 2u && ox + 2u < OW) { store(o + 2u * K, best2, tap2); }
        if (CW > 3u && ox + 3u < OW) { store(o + 3u * K, best3, tap3); }
      }
    }
  }
}

// Distance from the tile's corner to its pixel j, windows one after another; pixels that do not exist stand for the first.
fn pixel(j: u32) -> u32 {
  let size = PH * PW;
  if (j >= TW * size) { return 0u; }
  return ((j % size / PW) * SY * W + (j / size * PW + j % PW) * SX) * C;
}

// The maxima of a tile's windows.
fn pool(o: u32, count: u32, bias: vec4f, a: mat4x4f, b: mat4x4f, c: mat4x4f, d: mat4x4f) {
  var z = array<vec4f, 16>(a[0], a[1], a[2], a[3], b[0], b[1], b[2], b[3], c[0], c[1], c[2], c[3], d[0], d[1], d[2], d[3]);
  var best = vec4i();
  var tap = vec4u();
  for (var j = 0u; j < TW * PH * PW; j++) {
    let t = j % (PH * PW);
    fold(&best, &tap, z[j] + bias, t);
    if (t == PH * PW - 1u && j / (PH * PW) < count) { store(o + j / (PH * PW) * K, best, tap); }
  }
}

@compute @workgroup_size(64)
fn window(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  let i = (group.y * groups.x + group.x) * 64u + local;
  let tiles = (OW + TW - 1u) / TW;
  let k = (i % (K / KT)) * KT;
  let ox = (i / (K / KT)) % tiles * TW;
  let row = i / (K / KT * tiles);
  if (row >= IMAGES * OH) { return; }
  let corner = ((row / OH * H + row % OH * PH * SY) * W + ox * PW * SX) * C;
  var a = mat4x4f();
  var b = mat4x4f();
  var c = mat4x4f();
  var d = mat4x4f();
  var e = mat4x4f();
  var f = mat4x4f();
  var g = mat4x4f();
  var h = mat4x4f();
  for (var r = 0u; r < KH * KW * C; r++) {
    let tap = r / C;
    let xi = corner + ((tap / KW) * DY * W + (tap % KW) * DX) * C + r % C;
    let xa = vec4f(x[xi + pixel(0u)], x[xi + pixel(1u)], x[xi + pixel(2u)], x[xi + pixel(3u)]);
    let xb = vec4f(x[xi + pixel(4u)], x[xi + pixel(5u)], x[xi + pixel(6u)], x[xi + pixel(7u)]);
    let xc = vec4f(x[xi + pixel(8u)], x[xi + pixel(9u)], x[xi + pixel(10u)], x[xi + pixel(11u)]);
    let xd = vec4f(x[xi + pixel(12u)], x[xi + pixel(13u)], x[xi + pixel(14u)], x[xi + pixel(15u)]);
    let wa = w4[r * K + k];
    a += outer(wa, xa.x, xa.y, xa.z, xa.w);
    b += outer(wa, xb.x, xb.y, xb.z, xb.w);
    c += outer(wa, xc.x, xc.y, xc.z, xc.w);
    d += outer(wa, xd.x, xd.y, xd.z, xd.w);
    if (KT == 2u) {
      let wb = w4[r * K + k + 1u];
      e += outer(wb, xa.x, xa.y, xa.z, xa.w);
      f += outer(wb, xb.x, xb.y, xb.z, xb.w);
      g += outer(wb, xc.x, xc.y, xc.z, xc.w);
      h += outer(wb, xd.x, xd.y, xd.z, xd.w);
    }
  }
  let o = (row * OW + ox) * K + k;
  pool(o, OW - ox, biasOf(k), a, b, c, d);
  if (KT == 2u) { pool(o + 1u, OW - ox, biasOf(k + 1u), e, f, g, h); }
}

@compute @workgroup_size(64)
fn window4(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  let i = (group.y * groups.x + group.x) * 64u + local;
  let tiles = (OW + TW - 1u) / TW;
  let k = (i % (K / KT)) * KT;
  let ox = (i / (K / KT)) % tiles * TW;
  let row = i / (K / KT * tiles);
  if (row >= IMAGES * OH) { return; }
  let corner = ((row / OH * H + row % OH * PH * SY) * W + ox * PW * SX) * C;
  var a = mat4x4f();
  var b = mat4x4f();
  var c = mat4x4f();
  var d = mat4x4f();
  var e = mat4x4f();
  var f = mat4x4f();
  var g = mat4x4f();
  var h = mat4x4f();
  for (var r = 0u; r < KH * KW * C; r++) {
    let tap = r / C;
    let xi = corner + ((tap / KW) * DY * W + (tap % KW) * DX) * C + r % C;
    let xa = mat4x4f(x4[xi + pixel(0u)], x4[xi + pixel(1u)], x4[xi + pixel(2u)], x4[xi + pixel(3u)]);
    let xb = mat4x4f(x4[xi + pixel(4u)], x4[xi + pixel(5u)], x4[xi + pixel(6u)], x4[xi + pixel(7u)]);
    let xc = mat4x4f(x4[xi + pixel(8u)], x4[xi + pixel(9u)], x4[xi + pixel(10u)], x4[xi + pixel(11u)]);
    let xd = mat4x4f(x4[xi + pixel(12u)], x4[xi + pixel(13u)], x4[xi + pixel(14u)], x4[xi + pixel(15u)]);
    let wi = 4u * r * K + k;
    let wa = mat4x4f(w4[wi], w4[wi + K], w4[wi + 2u * K], w4[wi + 3u * K]);
    a += wa * xa;
    b += wa * xb;
    c += wa * xc;
    d += wa * xd;
    if (KT == 2u) {
      let wb = mat4x4f(w4[wi + 1u], w4[wi + K + 1u], w4[wi + 2u * K + 1u], w4[wi + 3u * K + 1u]);
      e += wb * xa;
      f += wb * xb;
      g += wb * xc;
      h += wb * xd;
    }
  }
  let o = (row * OW + ox) * K + k;
  pool(o, OW - ox, biasOf(k), a, b, c, d);
  if (KT == 2u) { pool(o + 1u, OW - ox, biasOf(k + 1u), e, f, g, h); }
}
