// conv2dMaxPoolInputGrad: gradient of conv2dMaxPool for x. Only the pixel that a window has chosen passes a gradient on:
//   dx[b, iy, ix, ci] = sum of dy[b, oy, ox, k] * w[ky, kx, ci, k] over the windows (oy, ox) and channels k whose choice
//   (my, mx) = (oy*PH + t / PW, ox*PW + t % PW), t = chosen[b, oy, ox, k], reads the pixel: iy = my*SY + ky*DY - TOP, ix likewise.
// Windows where t is DEAD are left out; a t in NAN passes a NaN on in the place of dy. dx: [n, H, W, C] NHWC; PIXELS = n*H*W. dy, chosen: [n, OH, OW, K], K counts vec4s.
// w: [KH, KW, C, 4 K] HWIO. One invocation a pixel and four ci; neighbours along ci, so that they agree on what to skip.

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
override PH: u32;
override PW: u32;

@group(0) @binding(0) var<storage, read> dy4: array<vec4f>;
@group(0) @binding(1) var<storage, read> chosen4: array<vec4u>;
@group(0) @binding(2) var<storage, read> w: array<f32>;
@group(0) @binding(3) var<storage, read_write> dx: array<f32>;

const DEAD = 0x80000000u;
const NAN = 0x7fc00000u;

// The weights of channel k for input channels c to c + 3, at the distance (ry, rx) of the pixel from the choice.
fn weights(ry: u32, rx: u32, c: u32, k: u32) -> vec4f {
  let i = ((ry / DY * KW + rx / DX) * C + c) * (4u * K) + k;
  var v = vec4f(w[i], 0.0, 0.0, 0.0);
  if (C % 4u == 0u || c + 1u < C) { v.y = w[i + 4u * K]; }
  if (C % 4u == 0u || c + 2u < C) { v.z = w[i + 8u * K]; }
  if (C % 4u == 0u || c + 3u < C) { v.w = w[i + 12u * K]; }
  return v;
}

// The first row of windows with a pixel that reads row i of the padded image.
fn firstWindow(i: u32, reach: u32, stride: u32, size: u32) -> u32 {
  return (max(i, reach) - reach + stride - 1u) / stride / size;
}

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  let i = (group.y * groups.x + group.x) * 64u + local;
  let quads = (C + 3u) / 4u;
  let c = i % quads * 4u;
  let p = i / quads;
  if (p >= PIXELS) { return; }
  let iy = p / W % H + TOP;
  let ix = p % W + LEFT;
  let b = p / (W * H);
  let endY = min(iy / SY / PH + 1u, OH);
  let endX = min(ix / SX / PW + 1u, OW);
  var total = vec4f();
  for (var oy = firstWindow(iy, (KH - 1u) * DY, SY, PH); oy < endY; oy++) {
    for (var ox = firstWindow(ix, (KW - 1u) * DX, SX, PW); ox < endX; ox++) {
      let first = ((b * OH + oy) * OW + ox) * K;
      for (var k = 0u; k < K; k++) {
        let choice = chosen4[first + k];
        let t = choice & vec4u(~NAN);
        // Where the choice lies behind the pixel, the difference wraps round to a huge number.
        let ry = vec4u(iy) - (t / PW + oy * PH) * SY;
        let rx = vec4u(ix) - (t % PW + ox * PW) * SX;
        var reached = (ry < vec4u(KH * DY)) & (rx < vec4u(KW * DX)) & (choice != vec4u(DEAD));
        if (DY > 1u) { reached &= ry % DY == vec4u(); }
        if (DX > 1u) { reached &= rx % DX == vec4u(); }
        if (any(reached)) {
          let d = select(dy4[first + k], bitcast<vec4f>(choice), choice >= vec4u(NAN));
          if (reached.x) { total += d.x * weights(ry.x, rx.x, c, 4u * k); }
          if (reached.y) { total += d.y * weights(ry.y, rx.y, c, 4u * k + 1u); }
          if (reached.z) { total += d.z * weights(ry.z, rx.z, c, 4u * k + 2u); }
          if (reached.w) { total += d.w * weights(ry.w, rx.w, c, 4u * k + 3u); }
        }
      }
    }
  }
  let o = p * C + c;
  dx[o] = total.x;
  if (C % 4u == 0u || c + 1u < C) { dx[o + 1u] = total.y; }
  if (C % 4u == 0u || c + 2u < C) { dx[o + 2u] = total.z; }
  if (C % 4u == 0u || c + 3u < C) { dx[o + 3u] = total.w; }
}
