// conv2d: y[b, oy, ox, k] = sum over ky, kx, ci of x[b, oy*SY + ky*DY - TOP, ox*SX + kx*DX - LEFT, g*CG + ci] * w[ky, kx, ci, k]
// where x is 0 outside the image and g = k / KG is the group of channel k.
// x: [n, H, W, C] NHWC. w: [KH, KW, CG, K] HWIO. y: [n, OH, OW, K]; PIXELS = n*OH*OW. CG = C/groups, KG = K/groups.
//
// Ladder. Rung 1, `plain`: one invocation an output, any case; what the others are compared with (KT is not used).
// The others hold a tile of 8 pixels x 8 channels (KT = 2) or 4 (KT = 1) in named matrices, a column a pixel, a row a channel;
// there, K and KG count vec4s, multiples of KT. They use no barriers, and read x without testing for its border: TOP = LEFT = 0
// and every tap lies inside (the host pads into scratch).
//   `tile`   any stride, dilation and number of channels: x is read element by element, four steps of the reduction at once
//   `tile4`  the same where C and CG count vec4s too
//   `depthwise`  groups of one channel (CG = KG = 1), C = K count vec4s: 4 pixels x 4 channels, KT = 1
// With BIAS they store activate(y + bias[k]), else activate(y). Without BIAS, `bias4` is bound to w4 and not read.
// conv2dRows.wgsl holds one more. One invocation a tile, neighbours along channels, grid folded into two dimensions.
// A tile may reach beyond the last pixel: what it computes there comes from other elements of x and is not stored.

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
override BIAS: bool = false;
// Length of the reduction.
override R: u32 = KH * KW * CG;

@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read> w: array<f32>;
@group(0) @binding(2) var<storage, read_write> y: array<f32>;
@group(0) @binding(0) var<storage, read> x4: array<vec4f>;
@group(0) @binding(1) var<storage, read> w4: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> y4: array<vec4f>;
@group(0) @binding(3) var<storage, read> bias4: array<vec4f>;

@compute @workgroup_size(64)
fn plain(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  let i = (group.y * groups.x + group.x) * 64u + local;
  if (i >= PIXELS * K) { return; }
  let k = i % K;
  let p = i / K;
  let ox = p % OW;
  let oy = (p / OW) % OH;
  let b = p / (OW * OH);
  let c0 = (k / KG) * CG;
  var total = 0.0;
  for (var ky = 0u; ky < KH; ky++) {
    // Above or left of the image this wraps round to a huge number, so one comparison tests both sides.
    let iy = oy * SY + ky * DY - TOP;
    if (iy >= H) { continue; }
    for (var kx = 0u; kx < KW; kx++) {
      let ix = ox * SX + kx * DX - LEFT;
      if (ix >= W) { continue; }
      for (var ci = 0u; ci < CG; ci++) {
        total += x[((b * H + iy) * W + ix) * C + c0 + ci] * w[((ky * KW + kx) * CG + ci) * K + k];
      }
    }
  }
  y[i] = total;
}

// Where in x the window of output pixel p begins.
fn corner(p: u32) -> u32 {
  let row = p / OW;
  return (((row / OH) * H + (row % OH) * SY) * W + (p % OW) * SX) * C;
}

// Distance from the corner to step r of the reduction.
fn offset(r: u32) -> u32 {
  let tap = r / CG;
  return ((tap / KW) * DY * W + (tap % KW) * DX) * C + r % CG;
}

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

// Whether step r exists; the last four may be incomplete. What does not exist counts as 0 on both sides of the product, so that
// an infinity beside it stays one.
fn within(r: u32) -> bool {
  return R % 4u == 0u || r < R;
}

fn pixel(i: u32, exists: bool) -> f32 {
  return select(0.0, x[i], exists);
}

fn weights(i: u32, exists: bool) -> vec4f {
  return select(vec4f(0.0), w4[i], exists);
}

@compute @workgroup_size(64)
fn tile(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  let i = (group.y * groups.x + group.x) * 64u + local;
  let k = (i % (K / KT)) * KT;
  let p = (i / (K / KT)) * 8u;
  if (p >= PIXELS) { return; }
  let c0 = (k / KG) * CG;
  let p0 = corner(p) + c0;
  let p1 = corner(p + 1u) + c0;
  let p2 = corner(p + 2u) + c0;
  let p3 = corner(p + 3u) + c0;
  let p4 = corner(p + 4u) + c0;
  let p5 = corner(p + 5u) + c0;
  let p6 = corner(p + 6u) + c0;
  let p7 = corner(p + 7u) + c0;
  var a = mat4x4f();
  var b = mat4x4f();
  var c = mat4x4f();
  var d = mat4x4f();
  for (var r = 0u; r < R; r += 4u) {
    let r0 = offset(r);
    let r1 = offset(r + 1u);
    let r2 = offset(r + 2u);
    let r3 = offset(r + 3u);
    let in1 = within(r + 1u);
    let in2 = within(r + 2u);
    let in3 = within(r + 3u);
    let xa = mat4x4f(
      x[p0 + r0], pixel(p0 + r1, in1), pixel(p0 + r2, in2), pixel(p0 + r3, in3),
      x[p1 + r0], pixel(p1 + r1, in1), pixel(p1 + r2, in2), pixel(p1 + r3, in3),
      x[p2 + r0], pixel(p2 + r1, in1), pixel(p2 + r2, in2), pixel(p2 + r3, in3),
      x[p3 + r0], pixel(p3 + r1, in1), pixel(p3 + r2, in2), pixel(p3 + r3, in3));
    let xb = mat4x4f(
      x[p4 + r0], pixel(p4 + r1, in1), pixel(p4 + r2, in2), pixel(p4 + r3, in3),
      x[p5 + r0], pixel(p5 + r1, in1), pixel(p5 + r2, in2), pixel(p5 + r3, in3),
      x[p6 + r0], pixel(p6 + r1, in1), pixel(p6 + r2, in2), pixel(p6 + r3, in3),
      x[p7 + r0], pixel(p7 + r1, in1), pixel(p7 + r2, in2), pixel(p7 + r3, in3));
    let wi = r * K + k;
    let wa = mat4x4f(w4[wi], weights(wi + K, in1), weights(wi + 2u * K, in2), weights(wi + 3u * K, in3));
    a += wa * xa;
    b += wa * xb;
    if (KT == 2u) {
      let wj = wi + 1u;
      let wb = mat4x4f(w4[wj], weights(wj + K, in1), weights(wj + 2u * K, in2), weights(wj + 3u * K, in3));
      c += wb * xa;
      d += wb * xb;
    }
  }
  store(p, PIXELS - p, k, a, b, c, d);
}

@compute @workgroup_size(64)
fn tile4(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  let i = (group.y * groups.x + group.x) * 64u + local;
  let k = (i % (K / KT)) * KT;
  let p = (i / (K / KT)) * 8u;
  if (p >= PIXELS) { return; }
  let c0 = (k / KG) * CG;
  let p0 = corner(p) + c0;
  let p1 = corner(p + 1u) + c0;
  let p2 = corner(p + 2u) + c0;
  let p3 = corner(p + 3u) + c0;
  let p4 = corner(p + 4u) + c0;
  let p5 = corner(p + 5u) + c0;
  let p6 = corner(p + 6u) + c0;
  let p7 = corner(p + 7u) + c0;
  var a = mat4x4f();
  var b = mat4x4f();
  var c = mat4x4f();
  var d = mat4x4f();
  for (var r = 0u; r < R; r++) {
    let o = offset(r);
    let xa = mat4x4f(x4[p0 + o], x4[p1 + o], x4[p2 + o], x4[p3 + o]);
    let xb = mat4x4f(x4[p4 + o], x4[p5 + o], x4[p6 + o], x4[p7 + o]);
    let wi = 4u * r * K + k;
    let wa = mat4x4f(w4[wi], w4[wi + K], w4[wi + 2u * K], w4[wi + 3u * K]);
    a += wa * xa;
    b += wa * xb;
    if (KT == 2u) {
      let wj = wi + 1u;
      let wb = mat4x4f(w4[wj], w4[wj + K], w4[wj + 2u * K], w4[wj + 3u * K]);
      c += wb * xa;
      d += wb * xb;
    }
  }
  store(p, PIXELS - p, k, a, b, c, d);
}

@compute @workgroup_size(64)
fn depthwise(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  let i = (group.y * groups.x + group.x) * 64u + local;
  let k = i % K;
  let p = (i / K) * 4u;
  if (p >= PIXELS) { return; }
  let p0 = corner(p) + k;
  let p1 = corner(p + 1u) + k;
  let p2 = corner(p + 2u) + k;
  let p3 = corner(p + 3u) + k;
  var y0 = vec4f(0.0);
  var y1 = vec4f(0.0);
  var y2 = vec4f(0.0);
  var y3 = vec4f(0.0);
  for (var r = 0u; r < KH * KW; r++) {
    let o = offset(r);
    let v = w4[r * K + k];
    y0 += v * x4[p0 + o];
    y1 += v * x4[p1 + o];
    y2 += v * x4[p2 + o];
    y3 += v * x4[p3 + o];
  }
  let o = p * K + k;
  y4[o] = finished(y0, k);
  if (p + 1u < PIXELS) { y4[o + K] = finished(y1, k); }
  if (p + 2u < PIXELS) { y4[o + 2u * K] = finished(y2, k); }
  if (p + 3u < PIXELS) { y4[o + 3u * K] = finished(y3, k); }
}
