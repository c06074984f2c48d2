// conv2dRows: conv2d with strides and dilations of 1 and kernels at most 8 wide; what is read of a row of x serves all taps of a row
// of the kernel. y[b, oy, ox, k] = sum over ky, kx, ci of x[b, oy + ky, ox + kx, g*CG + ci] * w[ky, kx, ci, k], g = k / KG
// x: [n, H, W, C] NHWC, borders included. w: [KH, KW, CG, K] HWIO. y: [n, OH, OW, K]; PIXELS = n*OH*OW. CG = C/groups, KG = K/groups.
// K and KG count vec4s, multiples of KT. A tile of 8 pixels of a row x 8 channels (KT = 2) or 4 (KT = 1) is held in four named
// matrices, a column a pixel, a row a channel. No barriers.
// With BIAS, activate(y + bias[k]) is stored, else activate(y). Without BIAS, `bias4` is bound to w4 and not read.
// One invocation a tile, neighbours along channels, then along the row, whose last tile may be incomplete: what it computes
// beyond the row comes from other elements of x and is not stored. Grid folded into two dimensions.

override PIXELS: u32;
override H: u32;
override W: u32;
override C: u32;
override OH: u32;
override OW: u32;
override K: u32;
override KH: u32;
override KW: u32;
override CG: u32;
override KG: u32;
override KT: u32;
override BIAS: bool = false;

@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read> w4: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> y4: array<vec4f>;
@group(0) @binding(3) var<storage, read> bias4: array<vec4f>;

// The identity; where an activation follows, what the activation's own file has under this name.
fn activate(v: vec4f) -> vec4f { return v; }

// What follows the sum, for vec4 k of a pixel.
fn finished(sum: vec4f, k: u32) -> vec4f {
  var v = sum;
  if (BIAS) { v += bias4[k]; }
  return activate(v);
}

// Stores the first `count` of 8 pixels from p on; a and b hold four pixels each of vec4 k, c and d of vec4 k + 1.
fn store(p: u32, count: u32, k: u32, a: mat4x4f, b: mat4x4f, c: mat4x4f, d: mat4x4f) {
  let i = p * K + k;
  y4[i] = finished(a[0], k);
  if (count > 1u) { y4[i + K] = finished(a[1], k); }
  if (count > 2u) { y4[i + 2u * K] = finished(a[2], k); }
  if (count > 3u) { y4[i + 3u * K] = finished(a[3], k); }
  if (count > 4u) { y4[i + 4u * K] = finished(b[0], k); }
  if (count > 5u) { y4[i + 5u * K] = finished(b[1], k); }
  if (count > 6u) { y4[i + 6u * K] = finished(b[2], k); }
  if (count > 7u) { y4[i + 7u * K] = finished(b[3], k); }
  if (KT == 2u) {
    let j = i + 1u;
    y4[j] = finished(c[0], k + 1u);
    if (count > 1u) { y4[j + K] = finished(c[1], k + 1u); }
    if (count > 2u) { y4[j + 2u * K] = finished(c[2], k + 1u); }
    if (count > 3u) { y4[j + 3u * K] = finished(c[3], k + 1u); }
    if (count > 4u) { y4[j + 4u * K] = finished(d[0], k + 1u); }
    if (count > 5u) { y4[j + 5u * K] = finished(d[1], k + 1u); }
    if (count > 6u) { y4[j + 6u * K] = finished(d[2], k + 1u); }
    if (count > 7u) { y4[j + 7u * K] = finished(d[3], k + 1u); }
  }
}

// The product of one tap's weights with four pixels.
fn outer(w: vec4f, x0: f32, x1: f32, x2: f32, x3: f32) -> mat4x4f {
  return mat4x4f(w * x0, w * x1, w * x2, w * x3);
}

@compute @workgroup_size(64)
fn rows(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  let i = (group.y * groups.x + group.x) * 64u + local;
  let k = (i % (K / KT)) * KT;
  let q = i / (K / KT);
  let tiles = (OW + 7u) / 8u;
  let row = q / tiles;
  let ox = (q % tiles) * 8u;
  let p = row * OW + ox;
  if (p >= PIXELS) { return; }
  let p0 = (((row / OH) * H + row % OH) * W + ox) * C + (k / KG) * CG;
  var a = mat4x4f();
  var b = mat4x4f();
  var c = mat4x4f();
  var d = mat4x4f();
  for (var r = 0u; r < KH * CG; r++) {
    let xi = p0 + (r / CG) * W * C + r % CG;
    let wi = ((r / CG) * KW * CG + r % CG) * K + k;
    let x0 = x[xi];
    let x1 = x[xi + C];
    let x2 = x[xi + 2u * C];
    let x3 = x[xi + 3u * C];
    let x4 = x[xi + 4u * C];
    let x5 = x[xi + 5u * C];
    let x6 = x[xi + 6u * C];
    let x7 = x[xi + 7u * C];
    var x8 = 0.0;
    var x9 = 0.0;
    var x10 = 0.0;
    var x11 = 0.0;
    var x12 = 0.0;
    var x13 = 0.0;
    let wa0 = w4[wi];
    a += outer(wa0, x0, x1, x2, x3);
    b += outer(wa0, x4, x5, x6, x7);
    if (KT == 2u) {
      let wb = w4[wi + 1u];
      c += outer(wb, x0, x1, x2, x3);
      d += outer(wb, x4, x5, x6, x7);
    }
    if (KW > 1u) {
      x8 = x[xi + 8u * C];
      let wa = w4[wi + CG * K];
      a += outer(wa, x1, x2, x3, x4);
      b += outer(wa, x5, x6, x7, x8);
      if (KT == 2u) {
        let wb = w4[wi + CG * K + 1u];
        c += outer(wb, x1, x2, x3, x4);
        d += outer(wb, x5, x6, x7, x8);
      }
    }
    if (KW > 2u) {
      x9 = x[xi + 9u * C];
      let wa = w4[wi + 2u * CG * K];
      a += outer(wa, x2, x3, x4, x5);
      b += outer(wa, x6, x7, x8, x9);
      if (KT == 2u) {
        let wb = w4[wi + 2u * CG * K + 1u];
        c += outer(wb, x2, x3, x4, x5);
        d += outer(wb, x6, x7, x8, x9);
      }
    }
    if (KW > 3u) {
      x10 = x[xi + 10u * C];
      let wa = w4[wi + 3u * CG * K];
      a += outer(wa, x3, x4, x5, x6);
      b += outer(wa, x7, x8, x9, x10);
      if (KT == 2u) {
        let wb = w4[wi + 3u * CG * K + 1u];
        c += outer(wb, x3, x4, x5, x6);
        d += outer(wb, x7, x8, x9, x10);
      }
    }
    if (KW > 4u) {
      x11 = x[xi + 11u * C];
      let wa = w4[wi + 4u * CG * K];
      a += outer(wa, x4, x5, x6, x7);
      b += outer(wa, x8, x9, x10, x11);
      if (KT == 2u) {
        let wb = w4[wi + 4u * CG * K + 1u];
        c += outer(wb, x4, x5, x6, x7);
        d += outer(wb, x8, x9, x10, x11);
      }
    }
    if (KW > 5u) {
      x12 = x[xi + 12u * C];
      let wa = w4[wi + 5u * CG * K];
      a += outer(wa, x5, x6, x7, x8);
      b += outer(wa, x9, x10, x11, x12);
      if (KT == 2u) {
        let wb = w4[wi + 5u * CG * K + 1u];
        c += outer(wb, x5, x6, x7, x8);
        d += outer(wb, x9, x10, x11, x12);
      }
    }
    if (KW > 6u) {
      x13 = x[xi + 13u * C];
      let wa = w4[wi + 6u * CG * K];
      a += outer(wa, x6, x7, x8, x9);
      b += outer(wa, x10, x11, x12, x13);
      if (KT == 2u) {
        let wb = w4[wi + 6u * CG * K + 1u];
        c += outer(wb, x6, x7, x8, x9);
        d += outer(wb, x10, x11, x12, x13);
      }
    }
    if (KW > 7u) {
      let x14 = x[xi + 14u * C];
      let wa = w4[wi + 7u * CG * K];
      a += outer(wa, x7, x8, x9, x10);
      b += outer(wa, x11, x12, x13, x14);
      if (KT == 2u) {
        let wb = w4[wi + 7u * CG * K + 1u];
        c += outer(wb, x7, x8, x9, x10);
        d += outer(wb, x11, x12, x13, x14);
      }
    }
  }
  store(p, OW - ox, k, a, b, c, d);
}
