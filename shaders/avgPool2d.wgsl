// avgPool2d: y[n, oy, ox, c] = sum over ky < KH, kx < KW of x[n, oy SY + ky - PT, ox SX + kx - PL, c], inside the image only,
//            / count(oy, ox), the number of those taps: padding is not averaged.
//            dx[n, iy, ix, c] = sum of dy / count over the windows that cover that pixel; 0 where none does.
// Layouts: x, dx [n, H, W, C]; y, dy [n, OH, OW, C]. Every window covers at least one pixel.
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

@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(0) var<storage, read> x4: array<vec4f>;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;
@group(0) @binding(1) var<storage, read_write> y4: array<vec4f>;

@group(0) @binding(0) var<storage, read> dy: array<f32>;
@group(0) @binding(0) var<storage, read> dy4: array<vec4f>;
@group(0) @binding(1) var<storage, read_write> dx: array<f32>;
@group(0) @binding(1) var<storage, read_write> dx4: array<vec4f>;

// Along one axis: the taps of the window at `start` of the padded image that lie inside the image are those from firstTap
// to before endTap.
fn firstTap(start: u32, pad: u32) -> u32 {
  return max(start, pad) - start;
}

fn endTap(start: u32, pad: u32, size: u32, kernel: u32) -> u32 {
  return min(kernel, size + pad - start);
}

// Along one axis: the windows that cover position t of the padded image are those from firstWindow to t / stride.
fn firstWindow(t: u32, stride: u32, kernel: u32) -> u32 {
  if (t < kernel) { return 0u; }
  return (t - kernel) / stride + 1u;
}

fn count(oy: u32, ox: u32) -> f32 {
  let rows = endTap(oy * SY, PT, H, KH) - firstTap(oy * SY, PT);
  let columns = endTap(ox * SX, PL, W, KW) - firstTap(ox * SX, PL);
  return f32(rows * columns);
}

// A sum in levels: single terms, sums of 8 terms, of 64, 512, 4,096, 32,768 and 262,144. In one long row each term would be rounded to the whole
// total, and compensation is nothing to rely on: the language lets compilers undo it.
struct Sum { n: u32, a: vec4f, b: vec4f, c: vec4f, d: vec4f, e: vec4f, f: vec4f, g: vec4f }

fn plus(sum: Sum, term: vec4f) -> Sum {
  var s = sum;
  s.n += 1u;
  s.a += term;
  if (KH * KW > 8u && s.n % 8u == 0u) {
    s.b += s.a;
    s.a = vec4f();
    if (s.n % 64u == 0u) {
      s.c += s.b;
      s.b = vec4f();
      if (s.n % 512u == 0u) {
        s.d += s.c;
        s.c = vec4f();
        if (s.n % 4096u == 0u) {
          s.e += s.d;
          s.d = vec4f();
          if (s.n % 32768u == 0u) {
            s.f += s.e;
            s.e = vec4f();
            if (s.n % 262144u == 0u) {
              s.g += s.f;
              s.f = vec4f();
            }
          }
        }
      }
    }
  }
  return s;
}

fn totalOf(s: Sum) -> vec4f { return (((((s.a + s.b) + s.c) + s.d) + s.e) + s.f) + s.g; }

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
  var s = Sum();
  for (var ky = ky0; ky < ky1; ky++) {
    for (var kx = kx0; kx < kx1; kx++) {
      s = plus(s, vec4f(x[corner + (ky * W + kx) * C], 0.0, 0.0, 0.0));
    }
  }
  y[i] = totalOf(s).x / f32((ky1 - ky0) * (kx1 - kx0));
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
  var s = Sum();
  for (var ky = ky0; ky < ky1; ky++) {
    for (var kx = kx0; kx < kx1; kx++) {
      s = plus(s, x4[corner + (ky * W + kx) * C]);
    }
  }
  y4[i] = totalOf(s) / f32((ky1 - ky0) * (kx1 - kx0));
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
  var s = Sum();
  for (var oy = firstWindow(ty, SY, KH); oy <= oy1; oy++) {
    for (var ox = firstWindow(tx, SX, KW); ox <= ox1; ox++) {
      let o = ((image * OH + oy) * OW + ox) * C + c;
      s = plus(s, vec4f(dy[o] / count(oy, ox), 0.0, 0.0, 0.0));
    }
  }
  dx[i] = totalOf(s).x;
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
  var s = Sum();
  for (var oy = firstWindow(ty, SY, KH); oy <= oy1; oy++) {
    for (var ox = firstWindow(tx, SX, KW); ox <= ox1; ox++) {
      let o = ((image * OH + oy) * OW + ox) * C + c;
      s = plus(s, dy4[o] / count(oy, ox));
    }
  }
  dx4[i] = totalOf(s);
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
  var d = 0.0;
  if (oy < OH && ox < OW) { d = dy[o] / count(oy, ox); }
  for (var ky = 0u; ky < SY; ky++) {
    // Above the image the subtraction wraps around, to a row far below it.
    let iy = oy * SY + ky - PT;
    if (iy >= H) { continue; }
    for (var kx = 0u; kx < SX; kx++) {
      let ix = ox * SX + kx - PL;
      if (ix >= W) { continue; }
      dx[((image * H + iy) * W + ix) * C + c] = d;
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
  var d = vec4f(0.0);
  if (oy < OH && ox < OW) { d = dy4[o] / count(oy, ox); }
  for (var ky = 0u; ky < SY; ky++) {
    // Above the image the subtraction wraps around, to a row far below it.
    let iy = oy * SY + ky - PT;
    if (iy >= H) { continue; }
    for (var kx = 0u; kx < SX; kx++) {
      let ix = ox * SX + kx - PL;
      if (ix >= W) { continue; }
      dx4[((image * H + iy) * W + ix) * C + c] = d;
    }
  }
}
