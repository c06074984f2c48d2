// accumulate: y[SLOT] = sum over i < rows of w_i v_i (entry point `weighted`), or of v_i (`plain`).
//             With MEAN all N of them count, and the sum is divided by rows: the forward pass of weightedMean.
// values v, weights w: [N], as vec4; rows: one u32; y: the sums of several kernels.
// An entry of weight 0 counts as 0 whatever its value: it may be a padding row, whose value may not be finite. The weight is
// compared with 0 by its bits, so that a NaN is not taken for 0.
// One invocation where the batch is short. A long one is cut into PARTS of every PARTS-th vec4, whose sums are written to
// y[SLOT + part]; `finish` adds up these N numbers, which all count.

override N: u32;
override SLOT: u32;
override PARTS: u32;
override MEAN: bool;

@group(0) @binding(0) var<storage, read> values: array<vec4f>;
@group(0) @binding(1) var<storage, read> weights: array<vec4f>;
@group(0) @binding(2) var<storage, read> rows: array<u32>;
@group(0) @binding(3) var<storage, read_write> y: array<f32>;

// A sum in levels: single terms, sums of 8 terms, of 64 and of 512. In one long row each term would be rounded to the whole
// total, and compensation is nothing to rely on: the language lets compilers undo it.
struct Sum { n: u32, a: vec4f, b: vec4f, c: vec4f, d: vec4f }

fn plus(sum: Sum, term: vec4f) -> Sum {
  var s = sum;
  s.n += 1u;
  s.a += term;
  if (N > 32u && s.n % 8u == 0u) {
    s.b += s.a;
    s.a = vec4f();
    if (s.n % 64u == 0u) {
      s.c += s.b;
      s.b = vec4f();
      if (s.n % 512u == 0u) {
        s.d += s.c;
        s.c = vec4f();
      }
    }
  }
  return s;
}

fn totalOf(s: Sum) -> vec4f { return ((s.a + s.b) + s.c) + s.d; }

// True for the lanes of vec4 number i that belong to the first `count` entries.
fn counted(i: u32, count: u32) -> vec4<bool> {
  return vec4u(4u * i) + vec4u(0u, 1u, 2u, 3u) < vec4u(count);
}

fn limit() -> u32 {
  if (MEAN) { return N; }
  return min(rows[0], N);
}

fn store(part: u32, s: Sum) {
  let total = totalOf(s);
  var sum = (total.x + total.y) + (total.z + total.w);
  if (MEAN && PARTS == 1u) { sum /= f32(rows[0]); }
  y[SLOT + part] = sum;
}

@compute @workgroup_size(64)
fn plain(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  let part = (group.y * groups.x + group.x) * 64u + local;
  if (part >= PARTS) { return; }
  let count = limit();
  var s = Sum();
  for (var i = part; 4u * i < count; i += PARTS) {
    s = plus(s, select(vec4f(), values[i], counted(i, count)));
  }
  store(part, s);
}

@compute @workgroup_size(64)
fn weighted(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  let part = (group.y * groups.x + group.x) * 64u + local;
  if (part >= PARTS) { return; }
  let count = limit();
  var s = Sum();
  for (var i = part; 4u * i < count; i += PARTS) {
    let w = weights[i];
    s = plus(s, select(vec4f(), w * values[i], counted(i, count) & ((bitcast<vec4u>(w) << vec4u(1u)) != vec4u())));
  }
  store(part, s);
}

@compute @workgroup_size(1)
fn finish() {
  var s = Sum();
  for (var i = 0u; 4u * i < N; i++) {
    s = plus(s, values[i]);
  }
  store(0u, s);
}
