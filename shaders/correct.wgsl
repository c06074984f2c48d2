// correct: y = 1 where the largest score of a row is the true class's, else 0. Of equal scores the first wins; a
// row with a NaN, in its truth too, is not right.
// scores: [ROWS, CLASSES]; labels: [ROWS], class numbers (entry point `classes`), or truth: [ROWS, CLASSES], whose largest
// entry is the class (`oneHot`); y: [ROWS]. One invocation for each row.

override ROWS: u32;
override CLASSES: u32;

@group(0) @binding(0) var<storage, read> scores: array<f32>;
@group(0) @binding(1) var<storage, read> labels: array<i32>;
@group(0) @binding(2) var<storage, read> truth: array<f32>;
@group(0) @binding(3) var<storage, read_write> y: array<f32>;

// By bits: a device may take a NaN for equal to itself.
fn isNaN(x: f32) -> bool {
  return (bitcast<u32>(x) & 0x7fffffffu) > 0x7f800000u;
}

fn isRight(first: u32, label: u32) -> bool {
  var best = 0u;
  var nan = false;
  for (var k = 0u; k < CLASSES; k++) {
    let score = scores[first + k];
    nan = nan || isNaN(score);
    if (score > scores[first + best]) { best = k; }
  }
  return !nan && best == label;
}

@compute @workgroup_size(64)
fn classes(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  let row = (group.y * groups.x + group.x) * 64u + local;
  if (row >= ROWS) { return; }
  y[row] = select(0.0, 1.0, isRight(row * CLASSES, bitcast<u32>(labels[row])));
}

@compute @workgroup_size(64)
fn oneHot(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  let row = (group.y * groups.x + group.x) * 64u + local;
  if (row >= ROWS) { return; }
  let first = row * CLASSES;
  var label = 0u;
  var known = true;
  for (var k = 0u; k < CLASSES; k++) {
    known = known && !isNaN(truth[first + k]);
    if (truth[first + k] > truth[first + label]) { label = k; }
  }
  y[row] = select(0.0, 1.0, known && isRight(first, label));
}
