// conv2dInputGrad: dx[b, iy, ix, c] = sum over ky, kx, k of dy[b, oy, ox, k] * w[ky, kx, c - g*CG, k]
// over the taps for which oy = (iy + TOP - ky*DY) / SY and ox = (ix + LEFT - kx*DX) / SX are whole and inside dy, and the channels k of the
// group g = c / CG, i.e. g*KG <= k < (g + 1)*KG: the gradient of conv2d for its input, gathered, so that nothing is added up in memory.
// dy: [n, OH, OW, K] NHWC. w: [KH, KW, CG, K] HWIO. dx: [n, H, W, C]; PIXELS = n*H*W. CG = C/groups, KG = K/groups.
//
// Ladder. Rung 1, `plain`: one invocation an element, any case; what the others are compared with.
// The others read dy without testing for its border: OH, OW are those of a copy that begins BY rows and BX columns earlier and holds
// every pixel that a tap can meet (the host pads into scratch). Their strides or their dilations are 1.
// Pixels that lie a stride apart meet the same taps, so a tile holds pixels of one of SY*SX phases: there are PIXELS = n*JH*JW of
// each, JH = ceil(H / SY), JW = ceil(W / SX), of which some may lie beyond the image. C, K, CG, KG count vec4s.
//   `tile`  8 pixels x 8 channels (CT = 2) or 4 (CT = 1) in named matrices, a column a pixel, a row a channel; C and CG are multiples of CT
//   `depthwise`  groups of one channel (CG = KG = 1), C = K: a tile is 4 pixels x 4 channels, CT = 1
// With strides of 1 the gradient is also a convolution of dy, for which `turn` makes the filter, one invocation a weight:
//   turned[ky, kx, k - g*KG, c] = w[KH - 1 - ky, KW - 1 - kx, c - g*CG, k], [KH, KW, KG, C], all counted in elements
// Grid: invocations are neighbours along channels, then tiles of pixels, then phases; folded into two dimensions.

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
override CT: u32;
override BY: u32;
override BX: u32;
override JH: u32 = (H + SY - 1u) / SY;
override JW: u32 = (W + SX - 1u) / SX;

@group(0) @binding(0) var<storage, read> dy: array<f32>;
@group(0) @binding(1) var<storage, read> w: array<f32>;
@group(0) @binding(2) var<storage, read_write> dx: array<f32>;
@group(0) @binding(0) var<storage, read> dy4: array<vec4f>;
@group(0) @binding(1) var<storage, read> w4: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> dx4: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> turned: array<f32>;

@compute @workgroup_size(64)
fn plain(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  let i = (group.y * groups.x + group.x) * 64u + local;
  if (i >= PIXELS * C) { return; }
  let c = i % C;
  let p = i / C;
  let ix = p % W;
  let iy = (p / W) % H;
  let b = p / (W * H);
  let k0 = (c / CG) * KG;
  var total = 0.0;
  for (var ky = 0u; ky < KH; ky++) {
    let y = iy + TOP - ky * DY;
    if (iy + TOP < ky * DY || y % SY != 0u || y / SY >= OH) { continue; }
    for (var kx = 0u; kx < KW; kx++) {
      let x = ix + LEFT - kx * DX;
      if (ix + LEFT < kx * DX || x % SX != 0u || x / SX >= OW) { continue; }
      let first = ((b * OH + y / SY) * OW + x / SX) * K + k0;
      let weights = ((ky * KW + kx) * CG + c % CG) * K + k0;
      for (var k = 0u; k < KG; k++) {
        total += dy[first + k] * w[weights + k];
      }
    }
  }
  dx[i] = total;
}

// The taps (ky, kx) that the pixels of a phase meet: `count` of them from `first` on, a stride apart.
struct Phase {
  first: vec2u,
  count: vec2u,
  // Where the first of them finds dy, counted from the pixel's own place in its phase.
  shift: vec2u,
}

fn phase(index: u32) -> Phase {
  let at = vec2u(index / SX + TOP, index % SX + LEFT);
  let stride = vec2u(SY, SX);
  let first = at % stride;
  return Phase(first, (vec2u(KH, KW) + stride - 1u - first) / stride, at / stride);
}

// Where in dy the p-th pixel of a phase meets its first tap.
fn place(p: u32, shift: vec2u) -> u32 {
  let row = p / JW;
  return (((row / JH) * OH + row % JH + shift.x + BY) * OW + p % JW + shift.y + BX) * K;
}

// How much earlier in dy the t-th tap lies: each one DY or DX pixels if the stride is 1, else one.
fn earlier(t: vec2u) -> u32 {
  return (t.x * select(1u, DY, SY == 1u) * OW + t.y * select(1u, DX, SX == 1u)) * K;
}

// Index of the t-th tap in the filter.
fn tapIndex(t: vec2u, first: vec2u) -> u32 {
  return (first.x + t.x * SY) * KW + first.y + t.y * SX;
}

// Stores one pixel of a phase if it lies in the image; `second` is the vec4 beside `value`.
fn put(p: u32, index: u32, c: u32, value: vec4f, second: vec4f) {
  let row = p / JW;
  let ix = (p % JW) * SX + index % SX;
  let iy = (row % JH) * SY + index / SX;
  if (p >= PIXELS || ix >= W || iy >= H) { return; }
  let o = (((row / JH) * H + iy) * W + ix) * C + c;
  dx4[o] = value;
  if (CT == 2u) { dx4[o + 1u] = second; }
}

@compute @workgroup_size(64)
fn tile(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  let i = (group.y * groups.x + group.x) * 64u + local;
  let tiles = (PIXELS + 7u) / 8u;
  let ct = (i % (C / CT)) * CT;
  let p = ((i / (C / CT)) % tiles) * 8u;
  let index = i / (C / CT * tiles);
  if (index >= SY * SX) { return; }
  let taps = phase(index);
  let k0 = (ct / CG) * KG;
  let p0 = place(p, taps.shift) + k0;
  let p1 = place(p + 1u, taps.shift) + k0;
  let p2 = place(p + 2u, taps.shift) + k0;
  let p3 = place(p + 3u, taps.shift) + k0;
  let p4 = place(p + 4u, taps.shift) + k0;
  let p5 = place(p + 5u, taps.shift) + k0;
  let p6 = place(p + 6u, taps.shift) + k0;
  let p7 = place(p + 7u, taps.shift) + k0;
  var a = mat4x4f();
  var b = mat4x4f();
  var c = mat4x4f();
  var d = mat4x4f();
  for (var r = 0u; r < taps.count.x * taps.count.y * KG; r++) {
    let k = r % KG;
    let t = vec2u(r / KG / taps.count.y, (r / KG) % taps.count.y);
    let o = k - earlier(t);
    let da = mat4x4f(dy4[p0 + o], dy4[p1 + o], dy4[p2 + o], dy4[p3 + o]);
    let db = mat4x4f(dy4[p4 + o], dy4[p5 + o], dy4[p6 + o], dy4[p7 + o]);
    // Four channels of dx, a column each, by four of dy: transposed, a column is a channel of dy.
    let wi = (tapIndex(t, taps.first) * CG + ct % CG) * 4u * K + k0 + k;
    let wa = transpose(mat4x4f(w4[wi], w4[wi + K], w4[wi + 2u * K], w4[wi + 3u * K]));
    a += wa * da;
    b += wa * db;
    if (CT == 2u) {
      let wj = wi + 4u * K;
      let wb = transpose(mat4x4f(w4[wj], w4[wj + K], w4[wj + 2u * K], w4[wj + 3u * K]));
      c += wb * da;
      d += wb * db;
    }
  }
  put(p, index, ct, a[0], c[0]);
  put(p + 1u, index, ct, a[1], c[1]);
  put(p + 2u, index, ct, a[2], c[2]);
  put(p + 3u, index, ct, a[3], c[3]);
  put(p + 4u, index, ct, b[0], d[0]);
  put(p + 5u, index, ct, b[1], d[1]);
  put(p + 6u, index, ct, b[2], d[2]);
  put(p + 7u, index, ct, b[3], d[3]);
}

@compute @workgroup_size(64)
fn depthwise(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  let i = (group.y * groups.x + group.x) * 64u + local;
  let tiles = (PIXELS + 3u) / 4u;
  let c = i % C;
  let p = ((i / C) % tiles) * 4u;
  let index = i / (C * tiles);
  if (index >= SY * SX) { return; }
  let taps = phase(index);
  let p0 = place(p, taps.shift) + c;
  let p1 = place(p + 1u, taps.shift) + c;
  let p2 = place(p + 2u, taps.shift) + c;
  let p3 = place(p + 3u, taps.shift) + c;
  var x0 = vec4f(0.0);
  var x1 = vec4f(0.0);
  var x2 = vec4f(0.0);
  var x3 = vec4f(0.0);
  for (var r = 0u; r < taps.count.x * taps.count.y; r++) {
    let t = vec2u(r / taps.count.y, r % taps.count.y);
    let o = earlier(t);
    let v = w4[tapIndex(t, taps.first) * C + c];
    x0 += v * dy4[p0 - o];
    x1 += v * dy4[p1 - o];
    x2 += v * dy4[p2 - o];
    x3 += v * dy4[p3 - o];
  }
  put(p, index, c, x0, x0);
  put(p + 1u, index, c, x1, x1);
  put(p + 2u, index, c, x2, x2);
  put(p + 3u, index, c, x3, x3);
}

@compute @workgroup_size(64)
fn turn(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  let i = (group.y * groups.x + group.x) * 64u + local;
  if (i >= KH * KW * KG * C) { return; }
  let c = i % C;
  let k = (c / CG) * KG + (i / C) % KG;
  let tap = KH * KW - 1u - i / (C * KG);
  turned[i] = w[(tap * CG + c % CG) * K + k];
}
