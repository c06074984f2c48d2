// softmaxCrossEntropy: y = sum over k of t_k (log(sum over j of exp(z_j)) - z_k), and its gradients
//   dz_k = (p_k sum(t) - t_k) dy  with p = softmax(z),   dt_k = (log(sum over j of exp(z_j)) - z_k) dy.
// logits z: [ROWS, CLASSES]; labels: [ROWS], class numbers, t is 1 there and 0 elsewhere; truth t: [ROWS, CLASSES], e.g.
// one-hot; y, dy: [ROWS]; dlogits, dtruth: [ROWS, CLASSES].
// statistics: [ROWS, 3], what the gradients need of a row: max z, 1 / sum exp(z - max z), sum(t).
// The maximum is taken out of every exponential, so none overflows. A class number that does not exist makes the row's
// loss and gradient NaN: its memory is never read, and a mistake that got past the host is seen.
// A NaN among a row's numbers makes NaNs of its loss and its gradients.
// Forward: one invocation a row. Backward: one invocation an element, grid folded into two dimensions.
//
// `totalsClasses` and `totalsTruth` do all that a training step does with a batch's losses y and right answers r, in one workgroup:
//   state[LOSS] = sum over rows i of w_i y_i,  state[ACCURACY] = sum of r_i,
//   dz_ik = (p_ik sum(t_i) - t_ik) S w_i / rows,  S = SCALE, or dy[0] with UPSTREAM, without which `dy` is bound and not read
// r_i is 1 where the largest of row i's logits, the first of equals, is that of its class and neither they nor its truth have a NaN.
// Rows from `rows` on are padding; a row of weight 0 counts as 0 whatever its values. ACCURACY = SLOTS: not wanted. Each invocation
// adds up every 64th row, then one adds up their sums, in a fixed order.

override ROWS: u32;
override CLASSES: u32;
override SLOTS: u32 = 0u;
override LOSS: u32 = 0u;
override ACCURACY: u32 = 0u;
override SCALE: f32 = 1.0;
override UPSTREAM: bool = false;

@group(0) @binding(0) var<storage, read> logits: array<f32>;
@group(0) @binding(1) var<storage, read> labels: array<i32>;
@group(0) @binding(2) var<storage, read> truth: array<f32>;
@group(0) @binding(3) var<storage, read_write> y: array<f32>;
@group(0) @binding(4) var<storage, read_write> statistics: array<f32>;
@group(0) @binding(5) var<storage, read> statistics_saved: array<f32>;
@group(0) @binding(6) var<storage, read> dy: array<f32>;
@group(0) @binding(7) var<storage, read_write> dlogits: array<f32>;
@group(0) @binding(8) var<storage, read_write> dtruth: array<f32>;
@group(0) @binding(9) var<storage, read> weights: array<f32>;
@group(0) @binding(10) var<storage, read> rows: array<u32>;
@group(0) @binding(11) var<storage, read_write> state: array<f32>;

// Loss and right answers, summed by each invocation.
var<workgroup> sums: array<vec2f, 64>;

// A sum in levels: single terms, sums of 8 terms, of 64 and of 512. In one long row each term would be rounded to the whole
// total, and compensation is nothing to rely on: the language lets compilers undo it.
struct Sum { n: u32, a: vec2f, b: vec2f, c: vec2f, d: vec2f }

fn plus(sum: Sum, term: vec2f) -> Sum {
  var s = sum;
  s.n += 1u;
  s.a += term;
  if ((CLASSES > 8u || ROWS > 512u) && s.n % 8u == 0u) {
    s.b += s.a;
    s.a = vec2f();
    if (s.n % 64u == 0u) {
      s.c += s.b;
      s.b = vec2f();
      if (s.n % 512u == 0u) {
        s.d += s.c;
        s.c = vec2f();
      }
    }
  }
  return s;
}

fn totalOf(s: Sum) -> vec2f { return ((s.a + s.b) + s.c) + s.d; }

fn upstream() -> f32 {
  if (UPSTREAM) { return dy[0]; }
  return SCALE;
}

// By its bits: of comparisons, and of all that a compiler makes of them, a NaN gets what it gets.
fn isNaN(v: f32) -> bool {
  return (bitcast<u32>(v) & 0x7fffffffu) > 0x7f800000u;
}

// A NaN counts as larger than all.
fn largestLogit(first: u32) -> f32 {
  var largest = logits[first];
  for (var k = 1u; k < CLASSES && !isNaN(largest); k++) {
    let z = logits[first + k];
    largest = select(max(largest, z), z, isNaN(z));
  }
  return largest;
}

fn sumOfExponentials(first: u32, largest: f32) -> f32 {
  var s = Sum();
  for (var k = 0u; k < CLASSES; k++) {
    s = plus(s, vec2f(exp(logits[first + k] - largest), 0.0));
  }
  return select(totalOf(s).x, largest, isNaN(largest));
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
  var s = Sum();
  for (var k = 0u; k < CLASSES; k++) {
    let t = truth[first + k];
    s = plus(s, vec2f(t * (logTotal - (logits[first + k] - largest)), t));
  }
  let sums = totalOf(s);
  y[row] = sums.x;
  saveStatistics(row, largest, total, sums.y);
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

// Whether a row's logits name this class; with a NaN among them they name none. By bits: a device may take a NaN for equal to itself.
fn isRight(first: u32, label: u32) -> bool {
  var best = 0u;
  var nan = false;
  for (var k = 0u; k < CLASSES; k++) {
    let logit = logits[first + k];
    nan = nan || isNaN(logit);
    if (logit > logits[first + best]) { best = k; }
  }
  return !nan && best == label;
}

// What one invocation does when all have their sums.
fn addUp() {
  var total = vec2f();
  for (var i = 0u; i < 64u; i += 8u) {
    var eight = vec2f();
    for (var k = i; k < i + 8u; k++) { eight += sums[k]; }
    total += eight;
  }
  state[LOSS] = total.x;
  if (ACCURACY < SLOTS) { state[ACCURACY] = total.y; }
}

// The weight of a row in the loss: none of the padding.
fn weightOf(row: u32, count: u32) -> f32 {
  return select(0.0, weights[row], row < count);
}

@compute @workgroup_size(64)
fn totalsClasses(@builtin(local_invocation_index) local: u32) {
  let count = min(rows[0], ROWS);
  var mine = Sum();
  for (var row = local; row < ROWS; row += 64u) {
    let first = row * CLASSES;
    let weight = weightOf(row, count);
    let counts = (bitcast<u32>(weight) << 1u) != 0u; // a NaN does
    let largest = largestLogit(first);
    let total = sumOfExponentials(first, largest);
    let label = bitcast<u32>(labels[row]);
    let exists = label < CLASSES;
    let nan = bitcast<f32>(label | 0x7fc00000u);
    var term = vec2f();
    if (counts) {
      term.x = weight * select(nan, log(total) - (logits[first + min(label, CLASSES - 1u)] - largest), exists);
    }
    if (row < count && isRight(first, label)) { term.y = 1.0; }
    mine = plus(mine, term);
    let scale = upstream() * weight / f32(rows[0]);
    for (var k = 0u; k < CLASSES; k++) {
      let p = exp(logits[first + k] - largest) / total;
      let gradient = select(nan, (p - select(0.0, 1.0, label == k)) * scale, exists);
      dlogits[first + k] = select(0.0, gradient, counts);
    }
  }
  sums[local] = totalOf(mine);
  workgroupBarrier();
  if (local == 0u) { addUp(); }
}

@compute @workgroup_size(64)
fn totalsTruth(@builtin(local_invocation_index) local: u32) {
  let count = min(rows[0], ROWS);
  var mine = Sum();
  for (var row = local; row < ROWS; row += 64u) {
    let first = row * CLASSES;
    let weight = weightOf(row, count);
    let counts = (bitcast<u32>(weight) << 1u) != 0u; // a NaN does
    let largest = largestLogit(first);
    let total = sumOfExponentials(first, largest);
    let logTotal = log(total);
    var s = Sum();
    var label = 0u;
    for (var k = 0u; k < CLASSES; k++) {
      let t = truth[first + k];
      s = plus(s, vec2f(t * (logTotal - (logits[first + k] - largest)), t));
      if (t > truth[first + label]) { label = k; }
    }
    let ofRow = totalOf(s);
    var term = vec2f();
    if (counts) { term.x = weight * ofRow.x; }
    if (row < count && !isNaN(ofRow.y) && isRight(first, label)) { term.y = 1.0; }
    mine = plus(mine, term);
    let scale = upstream() * weight / f32(rows[0]);
    for (var k = 0u; k < CLASSES; k++) {
      let p = exp(logits[first + k] - largest) / total;
      dlogits[first + k] = select(0.0, (p * ofRow.y - truth[first + k]) * scale, counts);
    }
  }
  sums[local] = totalOf(mine);
  workgroupBarrier();
  if (local == 0u) { addUp(); }
}
