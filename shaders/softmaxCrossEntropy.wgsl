// softmaxCrossEntropy: y = sum over k of t_k (log(sum over j of exp(z_j)) - z_k), and its gradients
//   dz_k = (p_k sum(t) - t_k) dy  with p = softmax(z),   dt_k = (log(sum over j of exp(z_j)) - z_k) dy.
// logits z: [ROWS, CLASSES]; labels: [ROWS], class numbers, t is 1 there and 0 elsewhere; truth t: [ROWS, CLASSES], e.g.
// one-hot; y, dy: [ROWS]; dlogits, dtruth: [ROWS, CLASSES].
// statistics: [ROWS, 3], what the gradients need of a row: max z, 1 / sum exp(z - max z), sum(t).
// The maximum is taken out of every exponential, so none overflows. A class number that does not exist makes the row's
// loss and gradient NaN: its memory is never read, and a mistake that got past the host is seen.
// Forward: one invocation a row. Backward: one invocation an element, grid folded into two dimensions.

override ROWS: u32;
override CLASSES: u32;

@group(0) @binding(0) var<storage, read> logits: array<f32>;
@group(0) @binding(1) var<storage, read> labels: array<i32>;
@group(0) @binding(2) var<storage, read> truth: array<f32>;
@group(0) @binding(3) var<storage, read_write> y: array<f32>;
@group(0) @binding(4) var<storage, read_write> statistics: array<f32>;
@group(0) @binding(5) var<storage, read> statistics_saved: array<f32>;
@group(0) @binding(6) var<storage, read> dy: array<f32>;
@group(0) @binding(7) var<storage, read_write> dlogits: array<f32>;
@group(0) @binding(8) var<storage, read_write> dtruth: array<f32>;

fn largestLogit(first: u32) -> f32 {
  var largest = logits[first];
  for (var k = 1u; k < CLASSES; k++) {
    largest = max(largest, logits[first + k]);
  }
  return largest;
}

fn sumOfExponentials(first: u32, largest: f32) -> f32 {
  var total = 0.0;
  for (var k = 0u; k < CLASSES; k++) {
    total += exp(logits[first + k] - largest);
  }
  return total;
}

fn saveStatistics(row: u32, largest: f32, total: f32, weight: f32) {
  statistics[3u * row] = largest;
  statistics[3u * row + 1u] = 1.0 / total;
  statistics[3u * row + 2u] = weight;
}

@compute @workgroup_size(64)
fn forwardClasses(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  let row = (group.y * groups.x + group.x) * 64u + local;
  if (row >= ROWS) { return; }
  let first = row * CLASSES;
  let largest = largestLogit(first);
  let total = sumOfExponentials(first, largest);
  let label = bitcast<u32>(labels[row]);
  let exists = label < CLASSES; // a negative number is a large one here
  let logit = logits[first + min(label, CLASSES - 1u)];
  // The language refuses a NaN that is known at compile time; this one depends on the label.
  let nan = bitcast<f32>(label | 0x7fc00000u);
  y[row] = select(nan, log(total) - (logit - largest), exists);
  saveStatistics(row, largest, total, select(nan, 1.0, exists));
}

@compute @workgroup_size(64)
fn forwardTruth(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  let row = (group.y * groups.x + group.x) * 64u + local;
  if (row >= ROWS) { return; }
  let first = row * CLASSES;
  let largest = largestLogit(first);
  let total = sumOfExponentials(first, largest);
  let logTotal = log(total);
  var loss = 0.0;
  var weight = 0.0;
  for (var k = 0u; k < CLASSES; k++) {
    let t = truth[first + k];
    loss += t * (logTotal - (logits[first + k] - largest));
    weight += t;
  }
  y[row] = loss;
  saveStatistics(row, largest, total, weight);
}

@compute @workgroup_size(64)
fn backwardClasses(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  let i = (group.y * groups.x + group.x) * 64u + local;
  if (i >= ROWS * CLASSES) { return; }
  let row = i / CLASSES;
  let p = exp(logits[i] - statistics_saved[3u * row]) * statistics_saved[3u * row + 1u];
  let t = select(0.0, 1.0, bitcast<u32>(labels[row]) == i % CLASSES);
  dlogits[i] = (p * statistics_saved[3u * row + 2u] - t) * dy[row];
}

@compute @workgroup_size(64)
fn backwardTruth(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  let i = (group.y * groups.x + group.x) * 64u + local;
  if (i >= ROWS * CLASSES) { return; }
  let row = i / CLASSES;
  let p = exp(logits[i] - statistics_saved[3u * row]) * statistics_saved[3u * row + 1u];
  dlogits[i] = (p * statistics_saved[3u * row + 2u] - truth[i]) * dy[row];
}

@compute @workgroup_size(64)
fn gradientOfTruth(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  let i = (group.y * groups.x + group.x) * 64u + local;
  if (i >= ROWS * CLASSES) { return; }
  let row = i / CLASSES;
  dtruth[i] = (-log(statistics_saved[3u * row + 1u]) - (logits[i] - statistics_saved[3u * row])) * dy[row];
}
