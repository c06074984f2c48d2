// correct: y = 1 where the largest score of a row is the true class's, else 0. Of equal scores the first wins.
// scores: [ROWS, CLASSES]; labels: [ROWS], class numbers (entry point `classes`), or truth: [ROWS, CLASSES], whose largest
// entry tells the class (`oneHot`); y: [ROWS]. One invocation a row.

override ROWS: u32;
override CLASSES: u32;

@group(0) @binding(0) var<storage, read> scores: array<f32>;
@group(0) @binding(1) var<storage, read> labels: array<i32>;
@group(0) @binding(2) var<storage, read> truth: array<f32>;
@group(0) @binding(3) var<storage, read_write> y: array<f32>;

fn predicted(first: u32) -> u32 {
  var best = 0u;
  for (var k = 1u; k < CLASSES; k++) {
    if (scores[first + k] > scores[first + best]) { best = k; }
  }
  return best;
}

@compute @workgroup_size(64)
fn classes(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  let row = (group.y * groups.x + group.x) * 64u + local;
  if (row >= ROWS) { return; }
  y[row] = select(0.0, 1.0, predicted(row * CLASSES) == bitcast<u32>(labels[row]));
}

@compute @workgroup_size(64)
fn oneHot(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  let row = (group.y * groups.x + group.x) * 64u + local;
  if (row >= ROWS) { return; }
  let first = row * CLASSES;
  var label = 0u;
  for (var k = 1u; k < CLASSES; k++) {
    if (truth[first + k] > truth[first + label]) { label = k; }
  }
  y[row] = select(0.0, 1.0, predicted(first) == label);
}
