// randomAffine: y[b, i, j, ch] = sum over taps (v, u) of weight(v, u) x[b, fold(v, H), fold(u, W), ch], the taps around the place in x
// that an affine map gives for (i, j). Each example has a map of its own, drawn from (seed, SALT, number of the example) alone.
// dx is the transposed map, gathered: for each pixel of x, the outputs that have it among their taps, in a fixed order.
// x, dx: [n, H, W, C], y, dy: [n, OH, OW, C], NHWC. seed: the step's seed, and with PLACED = 1 the number of the first example after it.
//
// KIND of the map, with its two draws: 0 flip, 1 crop, 2 translation (pixels), 3 rotation (turns, around the centre), 4 zoom (sizes of
// a step, around the centre). A draw is A + A_SPAN u or B + B_SPAN u, with u uniform in [0, 1) in steps of 2^-24; with SAME = 1 the
// second is the first. Flips (where A or B is 1) and crops (at the centre with CENTRE = 1) draw whole numbers, so that their places are
// exact, and so are those of quarter turns.
// LINEAR = 1: four taps, weights (1 - distance) of rows and columns; else the nearest pixel alone, without arithmetic.
// FILL, taps outside of x: 0 VALUE, 1 reflect (d c b a | a b c d | d c b a), 2 wrap (a b c d | a b c d | a b c d), 3 nearest (a a a a | a b c d | d d d d).
//
// hash: as in dropout.wgsl, of (number of the example, mix32(seed), mix32(SALT), 0).
// COUNT = elements that are written. One invocation an element, neighbours along channels, grid folded into two dimensions.

override COUNT: u32;
override H: u32;
override W: u32;
override C: u32;
override OH: u32;
override OW: u32;
override KIND: u32;
override A: f32;
override A_SPAN: f32;
override B: f32;
override B_SPAN: f32;
override SAME: u32;
override CENTRE: u32;
override LINEAR: u32;
override FILL: u32;
override VALUE: f32;
override SALT: u32;
override PLACED: u32;

@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read> seed: array<u32>;
@group(0) @binding(2) var<storage, read_write> y: array<f32>;
@group(0) @binding(3) var<storage, read> dy: array<f32>;
@group(0) @binding(4) var<storage, read_write> dx: array<f32>;

fn mix32(word: u32) -> u32 {
  var v = word;
  v ^= v >> 16u;
  v *= 0x7feb352du;
  v ^= v >> 15u;
  v *= 0x846ca68bu;
  v ^= v >> 16u;
  return v;
}

fn pcg4d(words: vec4u) -> vec4u {
  var v = words * 1664525u + 1013904223u;
  v.x += v.y * v.w;
  v.y += v.z * v.x;
  v.z += v.x * v.y;
  v.w += v.y * v.z;
  v ^= v >> vec4u(16u);
  v.x += v.y * v.w;
  v.y += v.z * v.x;
  v.z += v.x * v.y;
  v.w += v.y * v.z;
  return v;
}

// The place in x of output (i, j): row = rows . (i, j, 1), column = columns . (i, j, 1).
struct Affine {
  rows: vec3f,
  columns: vec3f,
}

fn placeOf(affine: Affine, i: i32, j: i32) -> vec2f {
  let output = vec3f(f32(i), f32(j), 1.0);
  return vec2f(dot(affine.rows, output), dot(affine.columns, output));
}

// (cosine, sine) by series after a reduction to an eighth of a turn: WGSL's own may be off by 2^-11, many pixels' worth of error.
fn turned(turns: f32) -> vec2f {
  let quarter = floor(4.0 * turns + 0.5);
  let angle = 6.2831853 * (turns - 0.25 * quarter);
  let z = angle * angle;
  let c = 1.0 - z / 2.0 * (1.0 - z / 12.0 * (1.0 - z / 30.0 * (1.0 - z / 56.0)));
  let s = angle * (1.0 - z / 6.0 * (1.0 - z / 20.0 * (1.0 - z / 42.0 * (1.0 - z / 72.0))));
  let swapped = select(vec2f(c, s), vec2f(-s, c), (i32(quarter) & 1) == 1);
  return select(swapped, -swapped, (i32(quarter) & 2) == 2);
}

fn affineOf(example: u32) -> Affine {
  let hash = pcg4d(vec4u(example + PLACED * seed[PLACED], mix32(seed[0]), mix32(SALT), 0u)).xy;
  let uniform01 = vec2f(hash >> vec2u(8u)) / 16777216.0;
  let a = A + A_SPAN * uniform01.x;
  let b = select(B + B_SPAN * uniform01.y, a, SAME == 1u);
  let last = vec2f(f32(H) - 1.0, f32(W) - 1.0);
  if (KIND == 0u) {
    let flips = vec2f(hash >> vec2u(31u)) * vec2f(A, B);
    return Affine(vec3f(1.0 - 2.0 * flips.x, 0.0, flips.x * last.x), vec3f(0.0, 1.0 - 2.0 * flips.y, flips.y * last.y));
  }
  if (KIND == 1u) {
    let spare = vec2u(H - OH, W - OW);
    let corner = vec2f(select(hash % (spare + 1u), spare / 2u, CENTRE == 1u));
    return Affine(vec3f(1.0, 0.0, corner.x), vec3f(0.0, 1.0, corner.y));
  }
  if (KIND == 2u) { return Affine(vec3f(1.0, 0.0, -a), vec3f(0.0, 1.0, -b)); }
  let middle = last / 2.0;
  if (KIND == 3u) {
    let turn = turned(a);
    let rows = vec2f(turn.x, turn.y);
    let columns = vec2f(-turn.y, turn.x);
    return Affine(vec3f(rows, middle.x - dot(rows, middle)), vec3f(columns, middle.y - dot(columns, middle)));
  }
  return Affine(vec3f(a, 0.0, middle.x * (1.0 - a)), vec3f(0.0, b, middle.y * (1.0 - b)));
}

fn remainder(at: i32, n: i32) -> i32 {
  return (at % n + n) % n;
}

// The pixel of x at a tap along an axis of n pixels; outside of x for FILL = 0.
fn fold(at: i32, n: i32) -> i32 {
  if (FILL == 1u) {
    let image = remainder(at, 2 * n);
    return min(image, 2 * n - 1 - image);
  }
  if (FILL == 2u) { return remainder(at, n); }
  if (FILL == 3u) { return clamp(at, 0, n - 1); }
  return at;
}

fn tap(b: u32, row: i32, column: i32, ch: u32) -> f32 {
  let v = u32(fold(row, i32(H)));
  let u = u32(fold(column, i32(W)));
  // A negative place has wrapped round to a huge number.
  if (v >= H || u >= W) { return VALUE; }
  return x[((b * H + v) * W + u) * C + ch];
}

@compute @workgroup_size(64)
fn forward(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  let e = (group.y * groups.x + group.x) * 64u + local;
  if (e >= COUNT) { return; }
  let ch = e % C;
  let q = e / C;
  let r = q / OW;
  let b = r / OH;
  let place = placeOf(affineOf(b), i32(r % OH), i32(q % OW));
  if (LINEAR == 0u) {
    let nearest = vec2i(floor(place + 0.5));
    y[e] = tap(b, nearest.x, nearest.y, ch);
    return;
  }
  let first = floor(place);
  let part = place - first;
  let v = i32(first.x);
  let u = i32(first.y);
  let above = (1.0 - part.y) * tap(b, v, u, ch) + part.y * tap(b, v, u + 1, ch);
  let below = (1.0 - part.y) * tap(b, v + 1, u, ch) + part.y * tap(b, v + 1, u + 1, ch);
  y[e] = (1.0 - part.x) * above + part.x * below;
}

fn floorDivided(at: i32, n: i32) -> i32 {
  return (at - remainder(at, n)) / n;
}

// The taps that fold to a pixel, of those from lowest to highest, are imageAt(first ... last).
fn images(pixel: i32, n: i32, lowest: i32, highest: i32) -> vec2i {
  if (FILL == 1u || FILL == 2u) { return vec2i(floorDivided(lowest, n), floorDivided(highest, n)); }
  if (FILL == 3u) { return vec2i(select(pixel, min(lowest, 0), pixel == 0), select(pixel, max(highest, n - 1), pixel == n - 1)); }
  return vec2i(pixel);
}

fn imageAt(pixel: i32, n: i32, k: i32) -> i32 {
  if (FILL == 1u) { return k * n + select(pixel, n - 1 - pixel, (k & 1) == 1); }
  if (FILL == 2u) { return k * n + pixel; }
  return k;
}

@compute @workgroup_size(64)
fn backward(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  let e = (group.y * groups.x + group.x) * 64u + local;
  if (e >= COUNT) { return; }
  let ch = e % C;
  let q = e / C;
  let r = q / W;
  let b = r / H;
  let affine = affineOf(b);
  let size = vec2i(i32(H), i32(W));
  let end = vec2i(i32(OH), i32(OW)) - 1;

  // The taps that there are lie within these rows and columns of x and of the images beyond it; one more at each side for roundings.
  let corner = vec2f(affine.rows.z, affine.columns.z);
  let alongRows = vec2f(affine.rows.x, affine.columns.x) * f32(end.x);
  let alongColumns = vec2f(affine.rows.y, affine.columns.y) * f32(end.y);
  let lowest = vec2i(floor(corner + min(alongRows, vec2f()) + min(alongColumns, vec2f()))) - 1;
  let highest = vec2i(floor(corner + max(alongRows, vec2f()) + max(alongColumns, vec2f()))) + 2;
  let pixel = vec2i(i32(r % H), i32(q % W));
  let imageRows = images(pixel.x, size.x, lowest.x, highest.x);
  let imageColumns = images(pixel.y, size.y, lowest.y, highest.y);

  // The inverse map leads from a tap to the outputs whose places are less than 1 away from it along both axes.
  let det = affine.rows.x * affine.columns.y - affine.rows.y * affine.columns.x;
  let toRow = vec2f(affine.columns.y, -affine.rows.y) / det;
  let toColumn = vec2f(-affine.columns.x, affine.rows.x) / det;
  let reach = vec2f(abs(toRow.x) + abs(toRow.y), abs(toColumn.x) + abs(toColumn.y));

  var total = 0.0;
  for (var kv = imageRows.x; kv <= imageRows.y; kv++) {
    for (var ku = imageColumns.x; ku <= imageColumns.y; ku++) {
      let image = vec2f(f32(imageAt(pixel.x, size.x, kv)), f32(imageAt(pixel.y, size.y, ku)));
      let centre = vec2f(dot(toRow, image - corner), dot(toColumn, image - corner));
      let begin = vec2i(clamp(floor(centre - reach), vec2f(), vec2f(end) + 1.0));
      let until = vec2i(clamp(ceil(centre + reach), vec2f(-1.0), vec2f(end)));
      for (var i = begin.x; i <= until.x; i++) {
        for (var j = begin.y; j <= until.y; j++) {
          let place = placeOf(affine, i, j);
          var weight = 0.0;
          if (LINEAR == 1u) {
            let near = max(1.0 - abs(place - image), vec2f());
            weight = near.x * near.y;
          } else if (all(floor(place + 0.5) == image)) {
            weight = 1.0;
          }
          // Left out, not multiplied: what is not finite elsewhere stays there.
          if (weight > 0.0) { total += weight * dy[((b * OH + u32(i)) * OW + u32(j)) * C + ch]; }
        }
      }
    }
  }
  dx[e] = total;
}
