// conv2dGemm: conv2d as a matrix product, for devices whose shared memory is real; conv2d.wgsl has the other rungs.
// y[p, k] = sum over r of X[p, r] w[r, k], where row p is output pixel (b, oy, ox), step r is (ky, kx, ci), and
// X[p, r] = x[b, oy*SY + ky*DY - TOP, ox*SX + kx*DX - LEFT, g*CG + ci], 0 outside the image, g = k / KG: X is never in memory.
// x: [n, H, W, C] NHWC. w: [R = KH*KW*CG, K] HWIO. y: [n, OH, OW, K]; PIXELS = n*OH*OW. CG = C/groups, KG = K/groups, all counted in
// elements. Any stride, dilation, padding (which may be negative: it crops) and number of channels: x is read by vec4s where a
// group's channels are whole vec4s, w where a group's filters are, else element by element.
// With SPLITS > 1, part s sums the steps from s * LENGTH on (LENGTH is a multiple of DEPTH) and y is [SPLITS, SLICE], SLICE = PIXELS*K
// rounded up to whole vec4s, which matmul.wgsl's `combine` sums in order. With BIAS, activate(y + bias[k]) is stored, else
// activate(y); with SPLITS > 1 both are left to `combine`. Without BIAS, `bias4` is bound to w and not read.
//   `tile4`  KG is a multiple of 4      `tile`  any KG: y is written element by element
//
// The tiles are those of matmulWorkgroup.wgsl, whose header gives their reasons: ROWS pixels x COLUMNS filters a workgroup, 8 x 8, 8 x 4
// or 4 x 4 of them an invocation, DEPTH steps in shared memory. With 32 filters, COLUMNS = 32: an element of x then serves 32
// multiply-adds for each time that it comes from global memory, and it comes KH*KW times, mostly from a cache.
// One workgroup a tile and part, in a grid folded into two dimensions.

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
override TOP: i32;
override LEFT: i32;
override CG: u32;
override KG: u32;
override SPLITS: u32;
override LENGTH: u32;
override SLICE: u32;
override BIAS: bool = false;
override ROWS: u32;
override COLUMNS: u32;
override DEPTH: u32;
override TALL: bool;
override WIDE: bool;
override INVOCATIONS: u32;
override R: u32 = KH * KW * CG;

@group(0) @binding(0) var<storage, read> x4: array<vec4f>;
@group(0) @binding(1) var<storage, read> w4: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> y: array<f32>;
@group(0) @binding(2) var<storage, read_write> y4: array<vec4f>;
@group(0) @binding(3) var<storage, read> bias4: array<vec4f>;

// Of one step after the other, the pixels or the filters in vec4s.
var<workgroup> tileX: array<vec4f, DEPTH * ROWS / 4u>;
var<workgroup> tileW: array<vec4f, DEPTH * COLUMNS / 4u>;

// Four pixels or filters from the given one. Beyond the last one it is repeated; what comes of that is not stored.
fn four(first: u32, size: u32) -> vec4u {
  return min(vec4u(first, first + 1u, first + 2u, first + 3u), vec4u(size - 1u));
}

// Where four output pixels find x: their image's first row among all rows of x, and the row and column of their window's corner,
// which, above or left of the image, wrap round to huge numbers, so that one comparison tests both sides.
struct Corners {
  image: vec4u,
  row: vec4u,
  column: vec4u,
}

fn corners(pixel: u32) -> Corners {
  let p = four(pixel, PIXELS);
  let line = p / OW;
  return Corners(line / OH * H, line % OH * SY - u32(TOP), p % OW * SX - u32(LEFT));
}

// Elements of x, or vec4s of which they are the first, at step r of the four windows; 0 beyond the last step, on both sides of the
// product, so that an infinity beside it stays one.
fn pixels(at: Corners, r: u32, c0: u32) -> vec4f {
  let tap = r / CG;
  let row = at.row + tap / KW * DY;
  let column = at.column + tap % KW * DX;
  let exists = (row < vec4u(H)) & (column < vec4u(W)) & vec4<bool>(r < R);
  let i = ((at.image + row) * W + column) * C + c0 + r % CG;
  let v = vec4f(x4[i.x / 4u][i.x % 4u], x4[i.y / 4u][i.y % 4u], x4[i.z / 4u][i.z % 4u], x4[i.w / 4u][i.w % 4u]);
  return select(vec4f(0.0), v, exists);
}

// A piece of X: four steps, a column of the matrix each, of four pixels.
fn pieceX(at: Corners, r: u32, c0: u32) -> mat4x4f {
  if (CG % 4u != 0u) { return mat4x4f(pixels(at, r, c0), pixels(at, r + 1u, c0), pixels(at, r + 2u, c0), pixels(at, r + 3u, c0)); }
  let tap = r / CG;
  let row = at.row + tap / KW * DY;
  let column = at.column + tap % KW * DX;
  let exists = (row < vec4u(H)) & (column < vec4u(W)) & vec4<bool>(r < R);
  let i = (((at.image + row) * W + column) * C + c0 + r % CG) / 4u;
  let zero = vec4f(0.0);
  return transpose(mat4x4f(
    select(zero, x4[i.x], exists.x), select(zero, x4[i.y], exists.y), select(zero, x4[i.z], exists.z), select(zero, x4[i.w], exists.w)));
}

fn filters(r: u32, columns: vec4u) -> vec4f {
  let i = r * K + columns;
  if (KG % 4u == 0u) { return select(vec4f(0.0), w4[i.x / 4u], r < R); }
  let v = vec4f(w4[i.x / 4u][i.x % 4u], w4[i.y / 4u][i.y % 4u], w4[i.z / 4u][i.z % 4u], w4[i.w / 4u][i.w % 4u]);
  return select(vec4f(0.0), v, r < R);
}

// A piece of w: four steps, a column of the matrix each, of four filters of the group whose first one is k0.
fn pieceW(r: u32, column: u32, k0: u32) -> mat4x4f {
  let columns = k0 + select(four(column, KG), vec4u(min(column, (KG - 1u) / 4u * 4u)), KG % 4u == 0u);
  return mat4x4f(filters(r, columns), filters(r + 1u, columns), filters(r + 2u, columns), filters(r + 3u, columns));
}

// Where the invocation's results lie in the tile, in vec4s of pixels and of filters. 32 invocations are 4 x 8 of them.
fn place(local: u32) -> vec2u {
  let across = COLUMNS / select(32u, 64u, WIDE);
  return vec2u(local / 32u / across * 4u + local / 8u % 4u, local / 32u % across * 8u + local % 8u);
}

// Pixels 0 to 3 and, with TALL, 4 to 7 of an invocation's results: the first four filters (c), and with WIDE four more (d).
struct Results {
  c0: vec4f, c1: vec4f, c2: vec4f, c3: vec4f, c4: vec4f, c5: vec4f, c6: vec4f, c7: vec4f,
  d0: vec4f, d1: vec4f, d2: vec4f, d3: vec4f, d4: vec4f, d5: vec4f, d6: vec4f, d7: vec4f,
}

fn product(row: u32, column: u32, g: u32, part: u32, local: u32) -> Results {
  // The piece that the invocation brings: 8 neighbours take 32 pixels or filters, so that they write to all banks, and the next
  // ones the following steps, so that they read whole lines of memory.
  let bringsX = local < DEPTH * ROWS / 16u;
  let bringsW = !bringsX && local < DEPTH * (ROWS + COLUMNS) / 16u;
  let index = select(local - DEPTH * ROWS / 16u, local, bringsX);
  let line = index / (DEPTH * 2u) * 8u + index % 8u;
  let deep = index / 8u % (DEPTH / 4u) * 4u;
  // The remainders change nothing, but compilers see by them that the innermost loop stays within the tiles, and do not check.
  let across = place(local).y % (COLUMNS / select(4u, 8u, WIDE));
  let down = place(local).x % (ROWS / select(4u, 8u, TALL));
  var c0 = vec4f(); var c1 = vec4f(); var c2 = vec4f(); var c3 = vec4f();
  var c4 = vec4f(); var c5 = vec4f(); var c6 = vec4f(); var c7 = vec4f();
  var d0 = vec4f(); var d1 = vec4f(); var d2 = vec4f(); var d3 = vec4f();
  var d4 = vec4f(); var d5 = vec4f(); var d6 = vec4f(); var d7 = vec4f();
  let end = min((part + 1u) * LENGTH, R);
  let at = corners(row + 4u * line);
  var piece = mat4x4f();
  if (bringsX) { piece = pieceX(at, part * LENGTH + deep, g * CG); }
  if (bringsW) { piece = pieceW(part * LENGTH + deep, column + 4u * line, g * KG); }
  for (var r = part * LENGTH; r < end; r += DEPTH) {
    if (bringsX) {
      let i = deep * (ROWS / 4u) + line;
      tileX[i] = piece[0];
      tileX[i + ROWS / 4u] = piece[1];
      tileX[i + ROWS / 2u] = piece[2];
      tileX[i + ROWS / 4u * 3u] = piece[3];
    }
    if (bringsW) {
      let i = deep * (COLUMNS / 4u) + line;
      tileW[i] = piece[0];
      tileW[i + COLUMNS / 4u] = piece[1];
      tileW[i + COLUMNS / 2u] = piece[2];
      tileW[i + COLUMNS / 4u * 3u] = piece[3];
    }
    workgroupBarrier();
    if (r + DEPTH < end) {
      if (bringsX) { piece = pieceX(at, r + DEPTH + deep, g * CG); }
      if (bringsW) { piece = pieceW(r + DEPTH + deep, column + 4u * line, g * KG); }
    }
    for (var step = 0u; step < DEPTH; step++) {
      let ia = step * (ROWS / 4u) + down;
      let ib = step * (COLUMNS / 4u) + across;
      let p = tileX[ia];
      let q = tileW[ib];
      c0 += p.x * q; c1 += p.y * q; c2 += p.z * q; c3 += p.w * q;
      if (TALL) {
        let o = tileX[ia + ROWS / 8u];
        c4 += o.x * q; c5 += o.y * q; c6 += o.z * q; c7 += o.w * q;
        if (WIDE) {
          let s = tileW[ib + COLUMNS / 8u];
          d0 += p.x * s; d1 += p.y * s; d2 += p.z * s; d3 += p.w * s;
          d4 += o.x * s; d5 += o.y * s; d6 += o.z * s; d7 += o.w * s;
        }
      }
    }
    // What is read must not be overwritten by a neighbour who is ahead.
    workgroupBarrier();
  }
  return Results(c0, c1, c2, c3, c4, c5, c6, c7, d0, d1, d2, d3, d4, d5, d6, d7);
}

// The identity; where an activation follows, what the activation's own file has under this name.
fn activate(v: vec4f) -> vec4f { return v; }

// What follows the sum, for four filters of a pixel from k on.
fn finished(sums: vec4f, k: u32) -> vec4f {
  var v = sums;
  if (SPLITS == 1u && BIAS) {
    let i = four(k, K);
    if (KG % 4u == 0u) {
      v += bias4[k / 4u];
    } else {
      v += vec4f(bias4[i.x / 4u][i.x % 4u], bias4[i.y / 4u][i.y % 4u], bias4[i.z / 4u][i.z % 4u], bias4[i.w / 4u][i.w % 4u]);
    }
  }
  if (SPLITS == 1u) { v = activate(v); }
  return v;
}

struct Tile {
  part: u32,
  g: u32,
  row: u32,
  column: u32,
}

// Tiles of one part: of the filters of a group, of the groups, of the pixels.
override ACROSS: u32 = (KG + COLUMNS - 1u) / COLUMNS;
override GROUPS: u32 = K / KG;
override TILES: u32 = (PIXELS + ROWS - 1u) / ROWS * GROUPS * ACROSS;

fn whichTile(i: u32) -> Tile {
  return Tile(i / TILES, i / ACROSS % GROUPS, i % TILES / (GROUPS * ACROSS) * ROWS, i % ACROSS * COLUMNS);
}

// `column` counts within the group g.
fn put4(t: Tile, p: u32, column: u32, sums: vec4f) {
  if (p >= PIXELS || column >= KG) { return; }
  let k = t.g * KG + column;
  y4[(t.part * SLICE + p * K + k) / 4u] = finished(sums, k);
}

fn put(t: Tile, p: u32, column: u32, sums: vec4f) {
  if (p >= PIXELS || column >= KG) { return; }
  let k = t.g * KG + column;
  let v = finished(sums, k);
  let i = t.part * SLICE + p * K + k;
  y[i] = v.x;
  if (column + 1u < KG) { y[i + 1u] = v.y; }
  if (column + 2u < KG) { y[i + 2u] = v.z; }
  if (column + 3u < KG) { y[i + 3u] = v.w; }
}

@compute @workgroup_size(INVOCATIONS)
fn tile4(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  let i = group.y * groups.x + group.x;
  if (i >= TILES * SPLITS) { return; }
  let t = whichTile(i);
  let s = product(t.row, t.column, t.g, t.part, local);
  let p = t.row + 4u * place(local).x;
  let k = t.column + 4u * place(local).y;
  put4(t, p, k, s.c0); put4(t, p + 1u, k, s.c1); put4(t, p + 2u, k, s.c2); put4(t, p + 3u, k, s.c3);
  if (TALL) {
    let p2 = p + ROWS / 2u;
    put4(t, p2, k, s.c4); put4(t, p2 + 1u, k, s.c5); put4(t, p2 + 2u, k, s.c6); put4(t, p2 + 3u, k, s.c7);
    if (WIDE) {
      let k2 = k + COLUMNS / 2u;
      put4(t, p, k2, s.d0); put4(t, p + 1u, k2, s.d1); put4(t, p + 2u, k2, s.d2); put4(t, p + 3u, k2, s.d3);
      put4(t, p2, k2, s.d4); put4(t, p2 + 1u, k2, s.d5); put4(t, p2 + 2u, k2, s.d6); put4(t, p2 + 3u, k2, s.d7);
    }
  }
}

@compute @workgroup_size(INVOCATIONS)
fn tile(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  let i = group.y * groups.x + group.x;
  if (i >= TILES * SPLITS) { return; }
  let t = whichTile(i);
  let s = product(t.row, t.column, t.g, t.part, local);
  let p = t.row + 4u * place(local).x;
  let k = t.column + 4u * place(local).y;
  put(t, p, k, s.c0); put(t, p + 1u, k, s.c1); put(t, p + 2u, k, s.c2); put(t, p + 3u, k, s.c3);
  if (TALL) {
    let p2 = p + ROWS / 2u;
    put(t, p2, k, s.c4); put(t, p2 + 1u, k, s.c5); put(t, p2 + 2u, k, s.c6); put(t, p2 + 3u, k, s.c7);
    if (WIDE) {
      let k2 = k + COLUMNS / 2u;
      put(t, p, k2, s.d0); put(t, p + 1u, k2, s.d1); put(t, p + 2u, k2, s.d2); put(t, p + 3u, k2, s.d3);
      put(t, p2, k2, s.d4); put(t, p2 + 1u, k2, s.d5); put(t, p2 + 2u, k2, s.d6); put(t, p2 + 3u, k2, s.d7);
    }
  }
}
