// matmulWorkgroup: y[m, n] = sum over k of A[m, k] B[k, n]: the rungs of matmul's ladder for devices whose shared memory is real.
// a is A as [M, K], or with TRANSPOSE_A as [K, M]; b is B as [K, N], or with TRANSPOSE_B as [N, K]; y is [M, N]. Any sizes: an operand
// whose rows in memory are whole vec4s is read by vec4s, another one element by element.
// With SPLITS > 1, part s sums the k's from s * LENGTH on (LENGTH is a multiple of DEPTH) and y is [SPLITS, SLICE], SLICE = M N
// rounded up to whole vec4s, which matmul.wgsl's `combine` sums in order. With BIAS, y = activate(y + bias[n]), else activate(y);
// with SPLITS > 1 both are left to `combine`. Without BIAS, `bias4` is bound to b and not read.
//   `tile4`  N is a multiple of 4      `tile`  any N: y is written element by element
//
// A workgroup makes ROWS x COLUMNS elements of y. DEPTH k's at a time are brought into shared memory, so that an element of a read from
// global memory serves COLUMNS multiply-adds and one of b ROWS: at 128 x 128 that makes 16 for each byte, at 64 x 64 it makes 8.
// Graphics processors do 10 to 40 while a byte comes from memory, and a few while it comes from the caches that neighbouring
// workgroups share.
// An invocation makes 8 x 8 (TALL, WIDE), 8 x 4 (TALL) or 4 x 4 of them in named vec4s, which stay in registers: 64, 32 or 16
// multiply-adds for 4, 3 or 2 vec4s of shared memory. Rows and columns come in fours, the second four half a tile away, so that
// neighbours read neighbouring vec4s: 8 columns by 4 rows of invocations are side by side, and no two of them meet in a bank.
// Each invocation brings at most one piece of 4 x 4 elements a step, (ROWS + COLUMNS) * DEPTH / 16 <= INVOCATIONS, and loads
// it while the step before is multiplied. One workgroup a tile and part, in a grid folded into two dimensions.

override M: u32;
override K: u32;
override N: u32;
override TRANSPOSE_A: bool;
override TRANSPOSE_B: bool;
override SPLITS: u32;
override LENGTH: u32;
override SLICE: u32;
override BIAS: bool = false;
// ROWS and COLUMNS are multiples of 32, or of 64 with WIDE, which comes with TALL only; DEPTH is one of 4.
override ROWS: u32;
override COLUMNS: u32;
override DEPTH: u32;
override TALL: bool;
override WIDE: bool;
override INVOCATIONS: u32;
override VEC_A: bool = select(K, M, TRANSPOSE_A) % 4u == 0u;
override VEC_B: bool = select(N, K, TRANSPOSE_B) % 4u == 0u;

@group(0) @binding(0) var<storage, read> a4: array<vec4f>;
@group(0) @binding(1) var<storage, read> b4: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> y: array<f32>;
@group(0) @binding(2) var<storage, read_write> y4: array<vec4f>;
@group(0) @binding(3) var<storage, read> bias4: array<vec4f>;

// Of one k after the other, the rows of A or the columns of B in vec4s.
var<workgroup> tileA: array<vec4f, DEPTH * ROWS / 4u>;
var<workgroup> tileB: array<vec4f, DEPTH * COLUMNS / 4u>;

// Four rows or columns from the given one. Beyond the last one it is repeated; what comes of that is not stored.
fn four(first: u32, size: u32) -> vec4u {
  return min(vec4u(first, first + 1u, first + 2u, first + 3u), vec4u(size - 1u));
}

// What lies beyond K counts as 0 on both sides of the product, so that an infinity beside it stays one.
fn vecA(i: u32, k: u32) -> vec4f {
  return select(vec4f(0.0), a4[i], k < K);
}

fn vecB(i: u32, k: u32) -> vec4f {
  return select(vec4f(0.0), b4[i], k < K);
}

fn elementsA(rows: vec4u, k: u32) -> vec4f {
  let i = select(rows * K + k, k * M + rows, vec4<bool>(TRANSPOSE_A));
  let v = vec4f(a4[i.x / 4u][i.x % 4u], a4[i.y / 4u][i.y % 4u], a4[i.z / 4u][i.z % 4u], a4[i.w / 4u][i.w % 4u]);
  return select(vec4f(0.0), v, k < K);
}

fn elementsB(columns: vec4u, k: u32) -> vec4f {
  let i = select(k * N + columns, columns * K + k, vec4<bool>(TRANSPOSE_B));
  let v = vec4f(b4[i.x / 4u][i.x % 4u], b4[i.y / 4u][i.y % 4u], b4[i.z / 4u][i.z % 4u], b4[i.w / 4u][i.w % 4u]);
  return select(vec4f(0.0), v, k < K);
}

// A piece of A: four k's, a column of the matrix each, of four rows from a multiple of four on.
fn pieceA(row: u32, k: u32) -> mat4x4f {
  let rows = four(row, M);
  if (!VEC_A) { return mat4x4f(elementsA(rows, k), elementsA(rows, k + 1u), elementsA(rows, k + 2u), elementsA(rows, k + 3u)); }
  if (TRANSPOSE_A) {
    let i = (k * M + min(row, (M - 1u) / 4u * 4u)) / 4u;
    return mat4x4f(vecA(i, k), vecA(i + M / 4u, k + 1u), vecA(i + M / 2u, k + 2u), vecA(i + M / 4u * 3u, k + 3u));
  }
  let i = (rows * K + k) / 4u;
  return transpose(mat4x4f(vecA(i.x, k), vecA(i.y, k), vecA(i.z, k), vecA(i.w, k)));
}

// The same of B, with four columns.
fn pieceB(column: u32, k: u32) -> mat4x4f {
  let columns = four(column, N);
  if (!VEC_B) {
    return mat4x4f(elementsB(columns, k), elementsB(columns, k + 1u), elementsB(columns, k + 2u), elementsB(columns, k + 3u));
  }
  if (!TRANSPOSE_B) {
    let i = (k * N + min(column, (N - 1u) / 4u * 4u)) / 4u;
    return mat4x4f(vecB(i, k), vecB(i + N / 4u, k + 1u), vecB(i + N / 2u, k + 2u), vecB(i + N / 4u * 3u, k + 3u));
  }
  let i = (columns * K + k) / 4u;
  return transpose(mat4x4f(vecB(i.x, k), vecB(i.y, k), vecB(i.z, k), vecB(i.w, k)));
}

// Where the invocation's results lie in the tile, in vec4s of rows and of columns. 32 invocations are 4 x 8 of them.
fn place(local: u32) -> vec2u {
  let across = COLUMNS / select(32u, 64u, WIDE);
  return vec2u(local / 32u / across * 4u + local / 8u % 4u, local / 32u % across * 8u + local % 8u);
}

// Rows 0 to 3 and, with TALL, 4 to 7 of an invocation's results: the first four columns (c), and with WIDE four more (d).
struct Results {
  c0: vec4f, c1: vec4f, c2: vec4f, c3: vec4f, c4: vec4f, c5: vec4f, c6: vec4f, c7: vec4f,
  d0: vec4f, d1: vec4f, d2: vec4f, d3: vec4f, d4: vec4f, d5: vec4f, d6: vec4f, d7: vec4f,
}

fn product(row: u32, column: u32, part: u32, local: u32) -> Results {
  // The piece that the invocation brings: 8 neighbours take 32 rows or columns, so that they write to all banks, and the next
  // ones the following k's, so that they read whole lines of memory whichever way the operand lies in it.
  let bringsA = local < DEPTH * ROWS / 16u;
  let bringsB = !bringsA && local < DEPTH * (ROWS + COLUMNS) / 16u;
  let index = select(local - DEPTH * ROWS / 16u, local, bringsA);
  let line = index / (DEPTH * 2u) * 8u + index % 8u;
  let deep = index / 8u % (DEPTH / 4u) * 4u;
  // The remainders change nothing, but compilers see by them that the innermost loop stays within the tiles, and do not check.
  let across = place(local).y % (COLUMNS / select(4u, 8u, WIDE));
  let down = place(local).x % (ROWS / select(4u, 8u, TALL));
  var c0 = vec4f(); var c1 = vec4f(); var c2 = vec4f(); var c3 = vec4f();
  var c4 = vec4f(); var c5 = vec4f(); var c6 = vec4f(); var c7 = vec4f();
  var d0 = vec4f(); var d1 = vec4f(); var d2 = vec4f(); var d3 = vec4f();
  var d4 = vec4f(); var d5 = vec4f(); var d6 = vec4f(); var d7 = vec4f();
  let end = min((part + 1u) * LENGTH, K);
  var piece = mat4x4f();
  if (bringsA) { piece = pieceA(row + 4u * line, part * LENGTH + deep); }
  if (bringsB) { piece = pieceB(column + 4u * line, part * LENGTH + deep); }
  for (var k = part * LENGTH; k < end; k += DEPTH) {
    if (bringsA) {
      let i = deep * (ROWS / 4u) + line;
      tileA[i] = piece[0];
      tileA[i + ROWS / 4u] = piece[1];
      tileA[i + ROWS / 2u] = piece[2];
      tileA[i + ROWS / 4u * 3u] = piece[3];
    }
    if (bringsB) {
      let i = deep * (COLUMNS / 4u) + line;
      tileB[i] = piece[0];
      tileB[i + COLUMNS / 4u] = piece[1];
      tileB[i + COLUMNS / 2u] = piece[2];
      tileB[i + COLUMNS / 4u * 3u] = piece[3];
    }
    workgroupBarrier();
    if (k + DEPTH < end) {
      if (bringsA) { piece = pieceA(row + 4u * line, k + DEPTH + deep); }
      if (bringsB) { piece = pieceB(column + 4u * line, k + DEPTH + deep); }
    }
    for (var step = 0u; step < DEPTH; step++) {
      let ia = step * (ROWS / 4u) + down;
      let ib = step * (COLUMNS / 4u) + across;
      let p = tileA[ia];
      let q = tileB[ib];
      c0 += p.x * q; c1 += p.y * q; c2 += p.z * q; c3 += p.w * q;
      if (TALL) {
        let r = tileA[ia + ROWS / 8u];
        c4 += r.x * q; c5 += r.y * q; c6 += r.z * q; c7 += r.w * q;
        if (WIDE) {
          let s = tileB[ib + COLUMNS / 8u];
          d0 += p.x * s; d1 += p.y * s; d2 += p.z * s; d3 += p.w * s;
          d4 += r.x * s; d5 += r.y * s; d6 += r.z * s; d7 += r.w * s;
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

// What follows the product, for four elements of a row from a column on.
fn finished(sums: vec4f, column: u32) -> vec4f {
  var v = sums;
  if (SPLITS == 1u && BIAS) {
    let i = four(column, N);
    if (N % 4u == 0u) {
      v += bias4[column / 4u];
    } else {
      v += vec4f(bias4[i.x / 4u][i.x % 4u], bias4[i.y / 4u][i.y % 4u], bias4[i.z / 4u][i.z % 4u], bias4[i.w / 4u][i.w % 4u]);
    }
  }
  if (SPLITS == 1u) { v = activate(v); }
  return v;
}

fn put4(part: u32, row: u32, column: u32, sums: vec4f) {
  if (row < M && column < N) { y4[(part * SLICE + row * N + column) / 4u] = finished(sums, column); }
}

fn put(part: u32, row: u32, column: u32, sums: vec4f) {
  if (row >= M || column >= N) { return; }
  let v = finished(sums, column);
  let i = part * SLICE + row * N + column;
  y[i] = v.x;
  if (column + 1u < N) { y[i + 1u] = v.y; }
  if (column + 2u < N) { y[i + 2u] = v.z; }
  if (column + 3u < N) { y[i + 3u] = v.w; }
}

@compute @workgroup_size(INVOCATIONS)
fn tile4(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  let i = group.y * groups.x + group.x;
  let tilesN = (N + COLUMNS - 1u) / COLUMNS;
  let tiles = (M + ROWS - 1u) / ROWS * tilesN;
  if (i >= tiles * SPLITS) { return; }
  let part = i / tiles;
  let row = i % tiles / tilesN * ROWS;
  let column = i % tilesN * COLUMNS;
  let t = product(row, column, part, local);
  let m = row + 4u * place(local).x;
  let n = column + 4u * place(local).y;
  put4(part, m, n, t.c0); put4(part, m + 1u, n, t.c1); put4(part, m + 2u, n, t.c2); put4(part, m + 3u, n, t.c3);
  if (TALL) {
    let m2 = m + ROWS / 2u;
    put4(part, m2, n, t.c4); put4(part, m2 + 1u, n, t.c5); put4(part, m2 + 2u, n, t.c6); put4(part, m2 + 3u, n, t.c7);
    if (WIDE) {
      let n2 = n + COLUMNS / 2u;
      put4(part, m, n2, t.d0); put4(part, m + 1u, n2, t.d1); put4(part, m + 2u, n2, t.d2); put4(part, m + 3u, n2, t.d3);
      put4(part, m2, n2, t.d4); put4(part, m2 + 1u, n2, t.d5); put4(part, m2 + 2u, n2, t.d6); put4(part, m2 + 3u, n2, t.d7);
    }
  }
}

@compute @workgroup_size(INVOCATIONS)
fn tile(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  let i = group.y * groups.x + group.x;
  let tilesN = (N + COLUMNS - 1u) / COLUMNS;
  let tiles = (M + ROWS - 1u) / ROWS * tilesN;
  if (i >= tiles * SPLITS) { return; }
  let part = i / tiles;
  let row = i % tiles / tilesN * ROWS;
  let column = i % tilesN * COLUMNS;
  let t = product(row, column, part, local);
  let m = row + 4u * place(local).x;
  let n = column + 4u * place(local).y;
  put(part, m, n, t.c0); put(part, m + 1u, n, t.c1); put(part, m + 2u, n, t.c2); put(part, m + 3u, n, t.c3);
  if (TALL) {
    let m2 = m + ROWS / 2u;
    put(part, m2, n, t.c4); put(part, m2 + 1u, n, t.c5); put(part, m2 + 2u, n, t.c6); put(part, m2 + 3u, n, t.c7);
    if (WIDE) {
      let n2 = n + COLUMNS / 2u;
      put(part, m, n2, t.d0); put(part, m + 1u, n2, t.d1); put(part, m + 2u, n2, t.d2); put(part, m + 3u, n2, t.d3);
      put(part, m2, n2, t.d4); put(part, m2 + 1u, n2, t.d5); put(part, m2 + 2u, n2, t.d6); put(part, m2 + 3u, n2, t.d7);
    }
  }
}
