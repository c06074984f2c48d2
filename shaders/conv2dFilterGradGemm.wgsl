// conv2dFilterGradGemm: the gradient of conv2d for its filter as a matrix product, for devices whose shared memory is real;
// conv2dFilterGrad.wgsl has the other rungs.
// dw[r, k] = sum over p of X[p, r] dy[p, k], where step r is (ky, kx, ci), p is output pixel (b, oy, ox), and
// X[p, r] = x[b, oy*SY + ky*DY - TOP, ox*SX + kx*DX - LEFT, g*CG + ci], 0 outside the image, g = k / KG: X is never in memory.
// x: [n, H, W, C] NHWC. dy: [n, OH, OW, K]; PIXELS = n*OH*OW. R = KH*KW*CG. CG = C/groups, KG = K/groups, all counted in elements; KG
// is a multiple of 4 unless there is one group. x and dy are read by vec4s where a group's channels are whole vec4s, else element by
// element. The pixels are cut into CHUNKS of LENGTH (a multiple of DEPTH): partial is [CHUNKS, R, K4], K4 vec4s holding K filters,
// which conv2dFilterGrad.wgsl's `finish` sums in a fixed order; with one chunk and whole vec4s it is dw itself.
//
// The tiles are those of matmulWorkgroup.wgsl, whose header gives their reasons: ROWS steps x COLUMNS filters a workgroup, 8 x 8, 8 x 4 or
// 4 x 4 of them an invocation, DEPTH pixels in shared memory. The weights are few and the pixels many, so nearly all the
// parallelism comes from the chunks. One workgroup a tile and chunk, in a grid folded into two dimensions.

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
override CHUNKS: u32;
override LENGTH: u32;
override ROWS: u32;
override COLUMNS: u32;
override DEPTH: u32;
override TALL: bool;
override WIDE: bool;
override INVOCATIONS: u32;
override R: u32 = KH * KW * CG;
override K4: u32 = (K + 3u) / 4u;

@group(0) @binding(0) var<storage, read> x4: array<vec4f>;
@group(0) @binding(1) var<storage, read> dy4: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> partial: array<vec4f>;

// Of one pixel after the other, the steps or the filters in vec4s.
var<workgroup> tileX: array<vec4f, DEPTH * ROWS / 4u>;
var<workgroup> tileD: array<vec4f, DEPTH * COLUMNS / 4u>;

// Four steps or filters from the given one. Beyond the last one it is repeated; what comes of that is not stored, or not read.
fn four(first: u32, size: u32) -> vec4u {
  return min(vec4u(first, first + 1u, first + 2u, first + 3u), vec4u(size - 1u));
}

// How far from a pixel's place in x the taps of four steps lie, and their channels. Less than none wraps round to huge numbers.
struct Steps {
  row: vec4u,
  column: vec4u,
  channel: vec4u,
}

fn steps(first: u32, c0: u32) -> Steps {
  let r = select(four(first, R), vec4u(min(first, (R - 1u) / 4u * 4u)), CG % 4u == 0u);
  let tap = r / CG;
  return Steps(tap / KW * DY - u32(TOP), tap % KW * DX - u32(LEFT), c0 + r % CG);
}

// x at four steps of a pixel. What lies beyond the last pixel counts as 0 on both sides of the product, so that an infinity
// beside it stays one.
fn taps(s: Steps, p: u32) -> vec4f {
  let line = p / OW;
  // Above or left of the image these are huge numbers, so that one comparison tests both sides.
  let row = line % OH * SY + s.row;
  let column = p % OW * SX + s.column;
  let exists = (row < vec4u(H)) & (column < vec4u(W)) & vec4<bool>(p < PIXELS);
  let i = ((line / OH * H + row) * W + column) * C + s.channel;
  if (CG % 4u == 0u) { return select(vec4f(0.0), x4[i.x / 4u], exists.x); }
  let v = vec4f(x4[i.x / 4u][i.x % 4u], x4[i.y / 4u][i.y % 4u], x4[i.z / 4u][i.z % 4u], x4[i.w / 4u][i.w % 4u]);
  return select(vec4f(0.0), v, exists);
}

fn upstream(p: u32, k: vec4u) -> vec4f {
  let i = p * K + k;
  if (KG % 4u == 0u) { return select(vec4f(0.0), dy4[i.x / 4u], p < PIXELS); }
  let v = vec4f(dy4[i.x / 4u][i.x % 4u], dy4[i.y / 4u][i.y % 4u], dy4[i.z / 4u][i.z % 4u], dy4[i.w / 4u][i.w % 4u]);
  return select(vec4f(0.0), v, p < PIXELS);
}

// A piece of X: four pixels, a column of the matrix each, of four steps.
fn pieceX(s: Steps, p: u32) -> mat4x4f {
  return mat4x4f(taps(s, p), taps(s, p + 1u), taps(s, p + 2u), taps(s, p + 3u));
}

// A piece of dy: four pixels, a column of the matrix each, of four filters of the group whose first one is k0.
fn pieceD(p: u32, column: u32, k0: u32) -> mat4x4f {
  let k = k0 + select(four(column, KG), vec4u(min(column, (KG - 1u) / 4u * 4u)), KG % 4u == 0u);
  return mat4x4f(upstream(p, k), upstream(p + 1u, k), upstream(p + 2u, k), upstream(p + 3u, k));
}

// Where the invocation's results lie in the tile, in vec4s of steps and of filters. 32 invocations are 4 x 8 of them.
fn place(local: u32) -> vec2u {
  let across = COLUMNS / select(32u, 64u, WIDE);
  return vec2u(local / 32u / across * 4u + local / 8u % 4u, local / 32u % across * 8u + local % 8u);
}

// Steps 0 to 3 and, with TALL, 4 to 7 of an invocation's results: the first four filters (c), and with WIDE four more (d).
struct Results {
  c0: vec4f, c1: vec4f, c2: vec4f, c3: vec4f, c4: vec4f, c5: vec4f, c6: vec4f, c7: vec4f,
  d0: vec4f, d1: vec4f, d2: vec4f, d3: vec4f, d4: vec4f, d5: vec4f, d6: vec4f, d7: vec4f,
}

fn product(row: u32, column: u32, g: u32, chunk: u32, local: u32) -> Results {
  // The piece that the invocation brings: 8 neighbours take 32 steps or filters, so that they write to all banks, and the next
  // ones the following pixels, so that they read whole lines of memory.
  let bringsX = local < DEPTH * ROWS / 16u;
  let bringsD = !bringsX && local < DEPTH * (ROWS + COLUMNS) / 16u;
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
  let end = min((chunk + 1u) * LENGTH, PIXELS);
  let mine = steps(row + 4u * line, g * CG);
  var piece = mat4x4f();
  if (bringsX) { piece = pieceX(mine, chunk * LENGTH + deep); }
  if (bringsD) { piece = pieceD(chunk * LENGTH + deep, column + 4u * line, g * KG); }
  for (var p = chunk * LENGTH; p < end; p += DEPTH) {
    if (bringsX) {
      let i = deep * (ROWS / 4u) + line;
      tileX[i] = piece[0];
      tileX[i + ROWS / 4u] = piece[1];
      tileX[i + ROWS / 2u] = piece[2];
      tileX[i + ROWS / 4u * 3u] = piece[3];
    }
    if (bringsD) {
      let i = deep * (COLUMNS / 4u) + line;
      tileD[i] = piece[0];
      tileD[i + COLUMNS / 4u] = piece[1];
      tileD[i + COLUMNS / 2u] = piece[2];
      tileD[i + COLUMNS / 4u * 3u] = piece[3];
    }
    workgroupBarrier();
    if (p + DEPTH < end) {
      if (bringsX) { piece = pieceX(mine, p + DEPTH + deep); }
      if (bringsD) { piece = pieceD(p + DEPTH + deep, column + 4u * line, g * KG); }
    }
    for (var deeper = 0u; deeper < DEPTH; deeper++) {
      let ia = deeper * (ROWS / 4u) + down;
      let ib = deeper * (COLUMNS / 4u) + across;
      let m = tileX[ia];
      let q = tileD[ib];
      c0 += m.x * q; c1 += m.y * q; c2 += m.z * q; c3 += m.w * q;
      if (TALL) {
        let o = tileX[ia + ROWS / 8u];
        c4 += o.x * q; c5 += o.y * q; c6 += o.z * q; c7 += o.w * q;
        if (WIDE) {
          let s = tileD[ib + COLUMNS / 8u];
          d0 += m.x * s; d1 += m.y * s; d2 += m.z * s; d3 += m.w * s;
          d4 += o.x * s; d5 += o.y * s; d6 += o.z * s; d7 += o.w * s;
        }
      }
    }
    // What is read must not be overwritten by a neighbour who is ahead.
    workgroupBarrier();
  }
  return Results(c0, c1, c2, c3, c4, c5, c6, c7, d0, d1, d2, d3, d4, d5, d6, d7);
}

// Stores a vec4 of the results of step r; `column` counts within the group g.
fn put(chunk: u32, g: u32, r: u32, column: u32, sums: vec4f) {
  if (r < R && column < KG) { partial[(chunk * R + r) * K4 + (g * KG + column) / 4u] = sums; }
}

// Tiles of one chunk: of the filters of a group, of the groups, of the steps.
override ACROSS: u32 = (KG + COLUMNS - 1u) / COLUMNS;
override GROUPS: u32 = K / KG;
override TILES: u32 = (R + ROWS - 1u) / ROWS * GROUPS * ACROSS;

@compute @workgroup_size(INVOCATIONS)
fn tile(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  let i = group.y * groups.x + group.x;
  if (i >= TILES * CHUNKS) { return; }
  let n = i / TILES;
  let g = i / ACROSS % GROUPS;
  let row = i % TILES / (GROUPS * ACROSS) * ROWS;
  let column = i % ACROSS * COLUMNS;
  let s = product(row, column, g, n, local);
  let r = row + 4u * place(local).x;
  let k = column + 4u * place(local).y;
  put(n, g, r, k, s.c0); put(n, g, r + 1u, k, s.c1); put(n, g, r + 2u, k, s.c2); put(n, g, r + 3u, k, s.c3);
  if (TALL) {
    let r2 = r + ROWS / 2u;
    put(n, g, r2, k, s.c4); put(n, g, r2 + 1u, k, s.c5); put(n, g, r2 + 2u, k, s.c6); put(n, g, r2 + 3u, k, s.c7);
    if (WIDE) {
      let k2 = k + COLUMNS / 2u;
      put(n, g, r, k2, s.d0); put(n, g, r + 1u, k2, s.d1); put(n, g, r + 2u, k2, s.d2); put(n, g, r + 3u, k2, s.d3);
      put(n, g, r2, k2, s.d4); put(n, g, r2 + 1u, k2, s.d5); put(n, g, r2 + 2u, k2, s.d6); put(n, g, r2 + 3u, k2, s.d7);
    }
  }
}
