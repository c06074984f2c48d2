// maxPool2d: y[n, oy, ox, c] = max over ky < KH, kx < KW of x[n, oy SY + ky - PT, ox SX + kx - PL, c], inside the image only.
//            argmax[n, oy, ox, c] = ky KW + kx of the first tap that is largest, in row-major order; -0 equals 0, and a NaN
//            is larger than all numbers. With RECTIFIED, x is a relu's result, and a window may have no tap to pass dy to:
//            argmax is DEAD where all of it is 0, and where it has a NaN the tap is put into NAN, since a relu's gradient is
//            a NaN there.
//            dx[n, iy, ix, c] = sum of dy over the windows whose argmax is that pixel; 0 where there is none.
// Layouts: x, dx [n, H, W, C]; y, dy, argmax [n, OH, OW, C]. Every window covers at least one pixel.
// The entry points ending in 4 count channels in vec4s (C, COUNT), the others one by one.
// `forward`: one invocation an element of y. `backward`: any windows, one invocation an element of dx, which looks at the
// windows that cover it. `tiles`: strides equal the window; one invocation looks at a window once and writes its SY x SX
// pixels of dx. BH x BW such blocks cover an image, those at the edges perhaps without a window.

override COUNT: u32;
override H: u32;
override W: u32;
override C: u32;
override OH: u32;
override OW: u32;
override KH: u32;
override KW: u32;
override SY: u32;
override SX: u32;
override PT: u32;
override PL: u32;
override BH: u32;
override BW: u32;
override RECTIFIED: bool = false;

@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(0) var<storage, read> x4: array<vec4f>;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;
@group(0) @binding(1) var<storage, read_write> y4: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> argmax: array<u32>;
@group(0) @binding(2) var<storage, read_write> argmax4: array<vec4u>;

@group(0) @binding(0) var<storage, read> dy: array<f32>;
@group(0) @binding(0) var<storage, read> dy4: array<vec4f>;
@group(0) @binding(1) var<storage, read> chosen: array<u32>;
@group(0) @binding(1) var<storage, read> chosen4: array<vec4u>;
@group(0) @binding(2) var<storage, read_write> dx: array<f32>;
@group(0) @binding(2) var<storage, read_write> dx4: array<vec4f>;

// Along one axis: the taps of the window at `start` of the padded image that lie inside the image are those from firstTap
// to before endTap.
fn firstTap(start: u32, pad: u32) -> u32 {
  return max(start, pad) - start;
}

fn endTap(start: u32, pad: u32, size: u32, kernel: u32) -> u32 {
  return min(kernel, size + pad - start);
}

// Integers in the order of the numbers, with NaNs as the largest. Comparisons of a NaN itself are not to be relied on.
fn ranks(v: vec4f) -> vec4i {
  let bits = bitcast<vec4i>(v);
  let size = bits & vec4i(0x7fffffff);
  return select(select(size, -size, bits < vec4i()), vec4i(0x7fffffff), size > vec4i(0x7f800000));
}

// As numbers, what is passed on in the place of dy.
const DEAD = 0x80000000u;
const NAN = 0x7fc00000u;

fn passed(choice: vec4u, tap: u32, d: vec4f) -> vec4f {
  let chosen = select(vec4f(), d, choice == vec4u(tap));
  if (RECTIFIED) { return select(chosen, bitcast<vec4f>(choice), choice == vec4u(NAN | tap)); }
  return chosen;
}

fn choice(tap: vec4u, highest: vec4i) -> vec4u {
  if (!RECTIFIED) { return tap; }
  return select(select(tap, vec4u(DEAD), highest <= vec4i()), vec4u(NAN) | tap, highest > vec4i(0x7f800000));
}

fn rank(v: f32) -> i32 { return ranks(vec4f(v)).x; }

// Along one axis: the windows that cover position t of the padded image are those from firstWindow to t / stride.
fn firstWindow(t: u32, stride: u32, kernel: u32) -> u32 {
  if (t < kernel) { return 0u; }
  return (t - kernel) / stride + 1u;
}

@compute @workgroup_size(64)
fn forward(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  let i = (group.y * groups.x + group.x) * 64u + local;
  if (i >= COUNT) { return; }
  let c = i % C;
  let p = i / C;
  let top = (p / OW) % OH * SY;
  let left = p % OW * SX;
  let ky0 = firstTap(top, PT);
  let kx0 = firstTap(left, PL);
  let ky1 = endTap(top, PT, H, KH);
  let kx1 = endTap(left, PL, W, KW);
  // Of the window's first tap; it may lie outside of x and wrap around, the taps that are read do not.
  let corner = ((p / (OW * OH) * H + top - PT) * W + left - PL) * C + c;
  var tap = ky0 * KW + kx0;
  var largest = x[corner + (ky0 * W + kx0) * C];
  var highest = rank(largest);
  for (var ky = ky0; ky < ky1; ky++) {
    for (var kx = kx0; kx < kx1; kx++) {
      let value = x[corner + (ky * W + kx) * C];
      let height = rank(value);
      let larger = height > highest;
      highest = max(highest, height);
      largest = select(largest, value, larger);
      tap = select(tap, ky * KW + kx, larger);
    }
  }
  y[i] = largest;
  argmax[i] = choice(vec4u(tap), vec4i(highest)).x;
}

@compute @workgroup_size(64)
fn forward4(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  let i = (group.y * groups.x + group.x) * 64u + local;
  if (i >= COUNT) { return; }
  let c = i % C;
  let p = i / C;
  let top = (p / OW) % OH * SY;
  let left = p % OW * SX;
  let ky0 = firstTap(top, PT);
  let kx0 = firstTap(left, PL);
  let ky1 = endTap(top, PT, H, KH);
  let kx1 = endTap(left, PL, W, KW);
  // Of the window's first tap; it may lie outside of x and wrap around, the taps that are read do not.
  let corner = ((p / (OW * OH) * H + top - PT) * W + left - PL) * C + c;
  var tap = vec4u(ky0 * KW + kx0);
  var largest = x4[corner + (ky0 * W + kx0) * C];
  var highest = ranks(largest);
  for (var ky = ky0; ky < ky1; ky++) {
    for (var kx = kx0; kx < kx1; kx++) {
      let value = x4[corner + (ky * W + kx) * C];
      let height = ranks(value);
      let larger = height > highest;
      highest = max(highest, height);
      largest = select(largest, value, larger);
      tap = select(tap, vec4u(ky * KW + kx), larger);
    }
  }
  y4[i] = largest;
  argmax4[i] = choice(tap, highest);
}

@compute @workgroup_size(64)
fn backward(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  let i = (group.y * groups.x + group.x) * 64u + local;
  if (i >= COUNT) { return; }
  let c = i % C;
  let p = i / C;
  let tx = p % W + PL;
  let ty = p / W % H + PT;
  let image = p / (W * H);
  let oy1 = min(ty / SY, OH - 1u);
  let ox1 = min(tx / SX, OW - 1u);
  var total = 0.0;
  for (var oy = firstWindow(ty, SY, KH); oy <= oy1; oy++) {
    for (var ox = firstWindow(tx, SX, KW); ox <= ox1; ox++) {
      let o = ((image * OH + oy) * OW + ox) * C + c;
      let tap = (ty - oy * SY) * KW + tx - ox * SX;
      total += passed(vec4u(chosen[o]), tap, vec4f(dy[o])).x;
    }
  }
  dx[i] = total;
}

@compute @workgroup_size(64)
fn backward4(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  let i = (group.y * groups.x + group.x) * 64u + local;
  if (i >= COUNT) { return; }
  let c = i % C;
  let p = i / C;
  let tx = p % W + PL;
  let ty = p / W % H + PT;
  let image = p / (W * H);
  let oy1 = min(ty / SY, OH - 1u);
  let ox1 = min(tx / SX, OW - 1u);
  var total = vec4f(0.0);
  for (var oy = firstWindow(ty, SY, KH); oy <= oy1; oy++) {
    for (var ox = firstWindow(tx, SX, KW); ox <= ox1; ox++) {
      let o = ((image * OH + oy) * OW + ox) * C + c;
      let tap = (ty - oy * SY) * KW + tx - ox * SX;
      total += passed(chosen4[o], tap, dy4[o]);
    }
  }
  dx4[i] = total;
}

@compute @workgroup_size(64)
fn tiles(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  let i = (group.y * groups.x + group.x) * 64u + local;
  if (i >= COUNT) { return; }
  let c = i % C;
  let p = i / C;
  let ox = p % BW;
  let oy = p / BW % BH;
  let image = p / (BW * BH);
  let o = ((image * OH + oy) * OW + ox) * C + c;
  var tap = KH * KW;
  var d = 0.0;
  if (oy < OH && ox < OW) {
    tap = chosen[o];
    d = dy[o];
  }
  for (var ky = 0u; ky < SY; ky++) {
    // Above the image the subtraction wraps around, to a row far below it.
    let iy = oy * SY + ky - PT;
    if (iy >= H) { continue; }
    for (var kx = 0u; kx < SX; kx++) {
      let ix = ox * SX + kx - PL;
      if (ix >= W) { continue; }
      dx[((image * H + iy) * W + ix) * C + c] = passed(vec4u(tap), ky * KW + kx, vec4f(d)).x;
    }
  }
}

@compute @workgroup_size(64)
fn tiles4(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  let i = (group.y * groups.x + group.x) * 64u + local;
  if (i >= COUNT) { return; }
  let c = i % C;
  let p = i / C;
  let ox = p % BW;
  let oy = p / BW % BH;
  let image = p / (BW * BH);
  let o = ((image * OH + oy) * OW + ox) * C + c;
  var tap = vec4u(KH * KW);
  var d = vec4f(0.0);
  if (oy < OH && ox < OW) {
    tap = chosen4[o];
    d = dy4[o];
  }
  for (var ky = 0u; ky < SY; ky++) {
    // Above the image the subtraction wraps around, to a row far below it.
    let iy = oy * SY + ky - PT;
    if (iy >= H) { continue; }
    for (var kx = 0u; kx < SX; kx++) {
      let ix = ox * SX + kx - PL;
      if (ix >= W) { continue; }
      dx4[((image * H + iy) * W + ix) * C + c] = passed(tap, ky * KW + kx, d);
    }
  }
}
