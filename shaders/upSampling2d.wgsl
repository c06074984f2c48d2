// upSampling2d: y[n, oy, ox, c] = sum over (iy, ix) of a(oy, iy) b(ox, ix) x[n, iy, ix, c], images FY times as high and FX times
//               as wide. dx[n, iy, ix, c] = sum over (oy, ox) of a(oy, iy) b(ox, ix) dy[n, oy, ox, c].
// Along an axis with factor F, LINEAR = 0: the weight of pixel i for output o is 1 if i = o / F, else 0. LINEAR = 1: between
// the centers of pixels, at i + 1/2, values go on a line, and the center of output o is at (o + 1/2) / F: the weight is
// 1 - |(o + 1/2) / F - (i + 1/2)|. Outputs beyond the first and the last center take the pixel there.
// Layouts: x, dx [n, H, W, C]; y, dy [n, H FY, W FX, C]. One invocation an element of y, or of dx.
// The entry points ending in 4 count channels in vec4s (C, COUNT), the others one by one.

override COUNT: u32;
override H: u32;
override W: u32;
override C: u32;
override FY: u32;
override FX: u32;
override LINEAR: u32;

@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(0) var<storage, read> x4: array<vec4f>;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;
@group(0) @binding(1) var<storage, read_write> y4: array<vec4f>;

@group(0) @binding(0) var<storage, read> dy: array<f32>;
@group(0) @binding(0) var<storage, read> dy4: array<vec4f>;
@group(0) @binding(1) var<storage, read_write> dx: array<f32>;
@group(0) @binding(1) var<storage, read_write> dx4: array<vec4f>;

// Indices along one axis, from `first` to before `end`.
struct Range { first: u32, end: u32 }

// The center of an output, in units of 1 / (2 F) of a pixel, moved to the nearest center of a pixel if it is beyond all.
fn center(o: u32, factor: u32, size: u32) -> u32 {
  return clamp(2u * o + 1u, factor, factor * (2u * size - 1u));
}

// The pixels whose weight for an output is not 0.
fn pixelsOf(o: u32, factor: u32, size: u32) -> Range {
  if (LINEAR == 0u) { return Range(o / factor, o / factor + 1u); }
  let t = center(o, factor, size) - factor;
  let first = t / (2u * factor);
  return Range(first, first + select(1u, 2u, t % (2u * factor) != 0u));
}

// The outputs for which a pixel's weight is not 0.
fn outputsOf(i: u32, factor: u32, size: u32) -> Range {
  if (LINEAR == 0u) { return Range(i * factor, (i + 1u) * factor); }
  let first = select(((2u * i - 1u) * factor + 1u) / 2u, 0u, i == 0u);
  return Range(first, select((2u * i + 3u) * factor / 2u, size * factor, i + 1u == size));
}

fn weight(o: u32, i: u32, factor: u32, size: u32) -> f32 {
  if (LINEAR == 0u) { return 1.0; }
  let a = center(o, factor, size);
  let b = factor * (2u * i + 1u);
  return 1.0 - f32(max(a, b) - min(a, b)) / f32(2u * factor);
}

// A sum in levels: single terms, sums of 8 terms, of 64, 512, 4,096, 32,768 and 262,144. In one long row each term would be rounded to the whole
// total, and compensation is nothing to rely on: the language lets compilers undo it.
struct Sum { n: u32, a: vec4f, b: vec4f, c: vec4f, d: vec4f, e: vec4f, f: vec4f, g: vec4f }

fn plus(sum: Sum, term: vec4f) -> Sum {
  var s = sum;
  s.n += 1u;
  s.a += term;
  if (FY * FX > 2u && s.n % 8u == 0u) {
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
  let p = i / C;
  let ox = p % (W * FX);
  let oy = p / (W * FX) % (H * FY);
  let rows = pixelsOf(oy, FY, H);
  let columns = pixelsOf(ox, FX, W);
  let image = p / (W * FX * H * FY) * H;
  var total = 0.0;
  for (var iy = rows.first; iy < rows.end; iy++) {
    let ofRow = weight(oy, iy, FY, H);
    for (var ix = columns.first; ix < columns.end; ix++) {
      total += ofRow * weight(ox, ix, FX, W) * x[((image + iy) * W + ix) * C + i % C];
    }
  }
  y[i] = total;
}

@compute @workgroup_size(64)
fn forward4(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  let i = (group.y * groups.x + group.x) * 64u + local;
  if (i >= COUNT) { return; }
  let p = i / C;
  let ox = p % (W * FX);
  let oy = p / (W * FX) % (H * FY);
  let rows = pixelsOf(oy, FY, H);
  let columns = pixelsOf(ox, FX, W);
  let image = p / (W * FX * H * FY) * H;
  var total = vec4f();
  for (var iy = rows.first; iy < rows.end; iy++) {
    let ofRow = weight(oy, iy, FY, H);
    for (var ix = columns.first; ix < columns.end; ix++) {
      total += ofRow * weight(ox, ix, FX, W) * x4[((image + iy) * W + ix) * C + i % C];
    }
  }
  y4[i] = total;
}

@compute @workgroup_size(64)
fn backward(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  let i = (group.y * groups.x + group.x) * 64u + local;
  if (i >= COUNT) { return; }
  let p = i / C;
  let ix = p % W;
  let iy = p / W % H;
  let rows = outputsOf(iy, FY, H);
  let columns = outputsOf(ix, FX, W);
  let image = p / (W * H) * H * FY;
  var s = Sum();
  for (var oy = rows.first; oy < rows.end; oy++) {
    let ofRow = weight(oy, iy, FY, H);
    for (var ox = columns.first; ox < columns.end; ox++) {
      let term = dy[((image + oy) * W * FX + ox) * C + i % C];
      s = plus(s, vec4f(ofRow * weight(ox, ix, FX, W) * term, 0.0, 0.0, 0.0));
    }
  }
  dx[i] = totalOf(s).x;
}

@compute @workgroup_size(64)
fn backward4(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  let i = (group.y * groups.x + group.x) * 64u + local;
  if (i >= COUNT) { return; }
  let p = i / C;
  let ix = p % W;
  let iy = p / W % H;
  let rows = outputsOf(iy, FY, H);
  let columns = outputsOf(ix, FX, W);
  let image = p / (W * H) * H * FY;
  var s = Sum();
  for (var oy = rows.first; oy < rows.end; oy++) {
    let ofRow = weight(oy, iy, FY, H);
    for (var ox = columns.first; ox < columns.end; ox++) {
      s = plus(s, ofRow * weight(ox, ix, FX, W) * dy4[((image + oy) * W * FX + ox) * C + i % C]);
    }
  }
  dx4[i] = totalOf(s);
}
