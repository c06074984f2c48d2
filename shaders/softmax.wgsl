// softmax over the last axis: y[r, c] = exp(x[r, c]) / sum over k of exp(x[r, k])
//                             dx[r, c] = y[r, c] (dy[r, c] - sum over k of y[r, k] dy[r, k])
// A NaN makes NaNs of its row.
// x, y, dy, dx: [ROWS, C], any leading axes merged into ROWS. One invocation a row, grid folded into two dimensions.

override ROWS: u32;
override C: u32;

@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;
@group(0) @binding(2) var<storage, read> dy: array<f32>;
@group(0) @binding(3) var<storage, read> y_saved: array<f32>;
@group(0) @binding(4) var<storage, read_write> dx: array<f32>;

// By its bits: of comparisons, and of all that a compiler makes of them, a NaN gets what it gets.
fn isNaN(v: f32) -> bool {
  return (bitcast<u32>(v) & 0x7fffffffu) > 0x7f800000u;
}

// The largest element is subtracted first: exp then never overflows, and the sum is at least 1.
// A NaN counts as larger than all.
fn largest(begin: u32) -> f32 {
  var m = x[begin];
  for (var i = begin + 1u; i < begin + C && !isNaN(m); i++) {
    let v = x[i];
    m = select(max(m, v), v, isNaN(v));
  }
  return m;
}

// A sum in levels: single terms, sums of 8 terms, of 64 and of 512. In one long row each term would be rounded to the whole
// total, and compensation is nothing to rely on: the language lets compilers undo it.
struct Sum { n: u32, a: f32, b: f32, c: f32, d: f32 }

fn plus(sum: Sum, term: f32) -> Sum {
  var s = sum;
  s.n += 1u;
  s.a += term;
  if (C > 8u && s.n % 8u == 0u) {
    s.b += s.a;
    s.a = 0.0;
    if (s.n % 64u == 0u) {
      s.c += s.b;
      s.b = 0.0;
      if (s.n % 512u == 0u) {
        s.d += s.c;
        s.c = 0.0;
      }
    }
  }
  return s;
}

fn totalOf(s: Sum) -> f32 { return ((s.a + s.b) + s.c) + s.d; }

@compute @workgroup_size(64)
fn forward(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  let row = (group.y * groups.x + group.x) * 64u + local;
  if (row >= ROWS) { return; }
  let begin = row * C;
  let end = begin + C;
  let m = largest(begin);
  var s = Sum();
  for (var i = begin; i < end; i++) {
    let e = exp(x[i] - m);
    y[i] = e;
    s = plus(s, e);
  }
  let total = totalOf(s);
  for (var i = begin; i < end; i++) { y[i] = select(y[i] / total, m, isNaN(m)); }
}

@compute @workgroup_size(64)
fn backward(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  let row = (group.y * groups.x + group.x) * 64u + local;
  if (row >= ROWS) { return; }
  let begin = row * C;
  let end = begin + C;
  var s = Sum();
  for (var i = begin; i < end; i++) { s = plus(s, y_saved[i] * dy[i]); }
  let dot = totalOf(s);
  for (var i = begin; i < end; i++) { dx[i] = y_saved[i] * (dy[i] - dot); }
}
