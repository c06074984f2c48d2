// softmax over the last axis: y[r, c] = exp(x[r, c]) / sum over k of exp(x[r, k])
//                             dx[r, c] = y[r, c] (dy[r, c] - sum over k of y[r, k] dy[r, k])
// x, y, dy, dx: [ROWS, C], any leading axes merged into ROWS. One invocation a row, grid folded into two dimensions.

override ROWS: u32;
override C: u32;

@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;
@group(0) @binding(2) var<storage, read> dy: array<f32>;
@group(0) @binding(3) var<storage, read> y_saved: array<f32>;
@group(0) @binding(4) var<storage, read_write> dx: array<f32>;

// The largest element is subtracted first: exp then never overflows, and the sum is at least 1.
fn largest(begin: u32) -> f32 {
  var m = x[begin];
  for (var i = begin + 1u; i < begin + C; i++) { m = max(m, x[i]); }
  return m;
}

@compute @workgroup_size(64)
fn forward(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  let row = (group.y * groups.x + group.x) * 64u + local;
  if (row >= ROWS) { return; }
  let begin = row * C;
  let end = begin + C;
  let m = largest(begin);
  var total = 0.0;
  for (var i = begin; i < end; i++) {
    let e = exp(x[i] - m);
    y[i] = e;
    total += e;
  }
  for (var i = begin; i < end; i++) { y[i] = y[i] / total; }
}

@compute @workgroup_size(64)
fn backward(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  let row = (group.y * groups.x + group.x) * 64u + local;
  if (row >= ROWS) { return; }
  let begin = row * C;
  let end = begin + C;
  var dot = 0.0;
  for (var i = begin; i < end; i++) { dot += y_saved[i] * dy[i]; }
  for (var i = begin; i < end; i++) { dx[i] = y_saved[i] * (dy[i] - dot); }
}
