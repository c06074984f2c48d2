// matmul: y[m, n] = sum over k of A[m, k] B[k, n].
// a is A as [M, K], or with TRANSPOSE_A as [K, M]; b is B as [K, N], or with TRANSPOSE_B as [N, K]; y is [M, N]. Any sizes.
// `plain`: the reference; one invocation an element of y.
// `tiled`: one invocation a tile of 4 x 4 elements of y in registers, and one of SPLITS parts of k. Part s takes the blocks
//   of four k's numbered s, s + SPLITS, ..: neighbouring invocations read neighbouring memory. y is [SPLITS, SLICE], SLICE =
//   M N rounded up to whole vec4s. No barriers, no shared memory.
// `combine`: y = sum over the SPLITS parts, in order. One invocation a vec4.
// With BIAS, the last of the launches stores activate(y + bias[n]), else activate(y). Without BIAS, `bias` is bound to b and not read.

override M: u32;
override K: u32;
override N: u32;
override TRANSPOSE_A: bool;
override TRANSPOSE_B: bool;
override SPLITS: u32;
override SLICE: u32;
override BIAS: bool = false;

@group(0) @binding(0) var<storage, read> a: array<f32>;
@group(0) @binding(1) var<storage, read> b: array<f32>;
@group(0) @binding(2) var<storage, read_write> y: array<f32>;
@group(0) @binding(3) var<storage, read> bias: array<f32>;
@group(0) @binding(0) var<storage, read> partial4: array<vec4f>;
@group(0) @binding(1) var<storage, read_write> y4: array<vec4f>;

fn atA(row: u32, k: u32) -> f32 {
  return a[select(row * K + k, k * M + row, TRANSPOSE_A)];
}

fn atB(k: u32, column: u32) -> f32 {
  return b[select(k * N + column, column * K + k, TRANSPOSE_B)];
}

@compute @workgroup_size(64)
fn plain(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  let i = (group.y * groups.x + group.x) * 64u + local;
  if (i >= M * N) { return; }
  var total = 0.0;
  for (var k = 0u; k < K; k++) {
    total += atA(i / N, k) * atB(k, i % N);
  }
  y[i] = total;
}

// Four rows or columns from the given one. Beyond the last one it is repeated; what comes of that is not stored.
fn four(first: u32, size: u32) -> vec4u {
  return min(vec4u(first, first + 1u, first + 2u, first + 3u), vec4u(size - 1u));
}

// Of one row, the elements k to k + 3.
fn rowA(row: u32, k: u32) -> vec4f {
  return vec4f(atA(row, k), atA(row, k + 1u), atA(row, k + 2u), atA(row, k + 3u));
}

fn columnA(rows: vec4u, k: u32) -> vec4f {
  return vec4f(atA(rows.x, k), atA(rows.y, k), atA(rows.z, k), atA(rows.w, k));
}

fn rowB(k: u32, columns: vec4u) -> vec4f {
  return vec4f(atB(k, columns.x), atB(k, columns.y), atB(k, columns.z), atB(k, columns.w));
}

// The identity; where an activation follows, what the activation's own file has under this name.
fn activate(v: vec4f) -> vec4f { return v; }

// What follows the product, for four elements of y from a column on; they may continue in the next row.
fn finished(sums: vec4f, column: u32) -> vec4f {
  var v = sums;
  if (BIAS) { v += vec4f(bias[column % N], bias[(column + 1u) % N], bias[(column + 2u) % N], bias[(column + 3u) % N]); }
  return activate(v);
}

fn store(base: u32, row: u32, column: u32, sums: vec4f) {
  if (row >= M) { return; }
  let o = base + row * N + column;
  var values = sums;
  if (SPLITS == 1u) { values = finished(sums, column); }
  y[o] = values.x;
  if (column + 1u < N) { y[o + 1u] = values.y; }
  if (column + 2u < N) { y[o + 2u] = values.z; }
  if (column + 3u < N) { y[o + 3u] = values.w; }
}

@compute @workgroup_size(64)
fn tiled(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  let tilesN = (N + 3u) / 4u;
  let blocks = K / 4u;
  let i = (group.y * groups.x + group.x) * 64u + local;
  if (i >= SPLITS * ((M + 3u) / 4u) * tilesN) { return; }
  let part = i % SPLITS;
  let row = i / SPLITS / tilesN * 4u;
  let column = i / SPLITS % tilesN * 4u;
  let rows = four(row, M);
  let columns = four(column, N);
  // The rows of the tile. WGSL's matrices are lists of columns, so these are the columns of its transpose, and the product of
  // the transposed operands comes out in the right order.
  var tile = mat4x4f();
  for (var quad = part; quad < blocks; quad += SPLITS) {
    let k = quad * 4u;
    tile += mat4x4f(rowB(k, columns), rowB(k + 1u, columns), rowB(k + 2u, columns), rowB(k + 3u, columns))
          * mat4x4f(rowA(rows.x, k), rowA(rows.y, k), rowA(rows.z, k), rowA(rows.w, k));
  }
  if (part == 0u) {
    for (var k = blocks * 4u; k < K; k++) {
      let p = columnA(rows, k);
      let q = rowB(k, columns);
      tile += mat4x4f(p.x * q, p.y * q, p.z * q, p.w * q);
    }
  }
  let base = part * SLICE;
  store(base, row, column, tile[0]);
  store(base, row + 1u, column, tile[1]);
  store(base, row + 2u, column, tile[2]);
  store(base, row + 3u, column, tile[3]);
}

@compute @workgroup_size(64)
fn combine(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  let i = (group.y * groups.x + group.x) * 64u + local;
  if (i >= SLICE / 4u) { return; }
  var total = vec4f(0.0);
  for (var part = 0u; part < SPLITS; part++) {
    total += partial4[part * (SLICE / 4u) + i];
  }
  y4[i] = finished(total, 4u * i);
}
