// batchNormTraining: normalizes each channel over the batch.
//   y = (x - mean) invstd gamma + beta,  invstd = 1 / sqrt(variance + EPSILON);  mean and (biased) variance of each channel.
//   dbeta = sum of dy;  dgamma = sum of dy xhat, xhat = (x - mean) invstd;
//   dx = gamma invstd (dy - dbeta / V - xhat dgamma / V),  V values a channel.
// All statistics and sums run over the first rows[0] entries of axis 0 only; behind them y and dx are 0.
//
// Layout: x, y, dy, dx are [ROWS, ..., C], flat, as N vec4s. WIDTH = lcm(C, 4) elements make a group of Q = WIDTH / 4 vec4s,
// so component j of vec4 q of every group belongs to channel (4 q + j) % C, whatever C is. There are GROUPS groups.
//   statistics, sums: one invocation a (chunk, q); a chunk is LENGTH groups. They write partial results [chunk, q].
//   combineStatistics, combineSums: one invocation a channel; add up the partial results in a fixed order.
//   normalize, backward: one invocation a (tile, q); a tile is LENGTH groups, so the channel's numbers are read once a tile.
//
// Numerics: a chunk sums x - pivot, the pivot being its own first value of the channel, so that the sum stays small where the
// mean is large; its mean is pivot + shift, shift = sum(x - pivot) / n, and a second loop sums the squares about it. The
// chunks are put together by (Chan, Golub, LeVeque 1979)
//   mean = sum(n_k mean_k) / sum(n_k),  squares = sum(squares_k + n_k (mean_k - mean)^2).
// Pivot and shift stay two numbers there: their sum would round to the precision of the mean, not of the deviations.

override N: u32;
override C: u32;
override Q: u32;
override ROWS: u32;
override ROW_ELEMENTS: u32;
override GROUPS: u32;
override CHUNKS: u32;
override LENGTH: u32;
override EPSILON: f32;

@group(0) @binding(0) var<storage, read> x: array<vec4f>;
@group(0) @binding(1) var<storage, read> rows: array<u32>;
@group(0) @binding(2) var<storage, read> mean: array<f32>;
@group(0) @binding(3) var<storage, read> variance: array<f32>;
@group(0) @binding(4) var<storage, read> gamma: array<f32>;
@group(0) @binding(5) var<storage, read> beta: array<f32>;
@group(0) @binding(6) var<storage, read_write> y: array<vec4f>;

// By statistics: [CHUNKS, Q] of (count, pivot, shift, sum of squares about pivot + shift).
// By sums: [CHUNKS, Q] of (sum of dy, sum of dy xhat).
@group(0) @binding(7) var<storage, read_write> partial: array<vec4f>;
@group(0) @binding(8) var<storage, read> partial_saved: array<f32>;
@group(0) @binding(9) var<storage, read_write> new_mean: array<f32>;
@group(0) @binding(10) var<storage, read_write> new_variance: array<f32>;

@group(0) @binding(11) var<storage, read> dy: array<vec4f>;
@group(0) @binding(12) var<storage, read_write> dgamma: array<f32>;
@group(0) @binding(13) var<storage, read_write> dbeta: array<f32>;
// For each channel (mean, p, q, r): dx = p dy + q (x - mean) + r.
@group(0) @binding(14) var<storage, read_write> new_coefficients: array<vec4f>;
@group(0) @binding(15) var<storage, read> coefficients: array<vec4f>;
@group(0) @binding(16) var<storage, read_write> dx: array<vec4f>;

// Elements that count.
fn limit() -> u32 { return min(rows[0], ROWS) * ROW_ELEMENTS; }

// Which of the four elements of a vec4 count.
fn inside(at: u32, end: u32) -> vec4<bool> { return vec4u(4u * at) + vec4u(0u, 1u, 2u, 3u) < vec4u(end); }

fn channels(q: u32) -> vec4u { return (vec4u(4u * q) + vec4u(0u, 1u, 2u, 3u)) % C; }

fn means(c: vec4u) -> vec4f { return vec4f(mean[c.x], mean[c.y], mean[c.z], mean[c.w]); }

fn inverseDeviations(c: vec4u) -> vec4f {
  return 1.0 / sqrt(vec4f(variance[c.x], variance[c.y], variance[c.z], variance[c.w]) + EPSILON);
}

// A sum in levels: runs of up to 8 terms, sums of 8 runs, of 64 and the rest. In one long row each term would be rounded to the
// whole total, and compensation is nothing to rely on: the language lets compilers undo it. Runs are added up in a loop of their
// own, which knows no levels: that is what costs least.
const RUN: u32 = 8u;

struct Sum { runs: u32, a: vec4f, b: vec4f, c: vec4f }

fn plus(sum: Sum, run: vec4f) -> Sum {
  var s = sum;
  s.runs += 1u;
  s.a += run;
  if (s.runs % 8u == 0u) {
    s.b += s.a;
    s.a = vec4f();
    if (s.runs % 64u == 0u) {
      s.c += s.b;
      s.b = vec4f();
    }
  }
  return s;
}

fn totalOf(s: Sum) -> vec4f { return (s.a + s.b) + s.c; }

@compute @workgroup_size(64)
fn statistics(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  let i = (group.y * groups.x + group.x) * 64u + local;
  if (i >= CHUNKS * Q) { return; }
  let begin = (i / Q) * LENGTH * Q + i % Q;
  let end = limit();
  // Behind the last vec4 of which an element counts.
  let last = min(min((i / Q + 1u) * LENGTH, GROUPS) * Q, (end + 3u) / 4u);
  var pivot = vec4f(0.0);
  // A component whose first value does not count has none that does, and its pivot is masked with the rest.
  if (4u * begin < end) { pivot = x[begin]; }
  var count = vec4f(0.0);
  var s = Sum();
  for (var at = begin; at < last;) {
    var run = vec4f();
    for (let stop = min(at + RUN * Q, last); at < stop; at += Q) {
      let counts = inside(at, end);
      run += select(vec4f(0.0), x[at] - pivot, counts);
      count += select(vec4f(0.0), vec4f(1.0), counts);
    }
    s = plus(s, run);
  }
  let shift = totalOf(s) / max(count, vec4f(1.0));
  s = Sum();
  for (var at = begin; at < last;) {
    var run = vec4f();
    for (let stop = min(at + RUN * Q, last); at < stop; at += Q) {
      let d = select(vec4f(0.0), (x[at] - pivot) - shift, inside(at, end));
      run += d * d;
    }
    s = plus(s, run);
  }
  partial[4u * i] = count;
  partial[4u * i + 1u] = select(vec4f(0.0), pivot, count > vec4f(0.0));
  partial[4u * i + 2u] = shift;
  partial[4u * i + 3u] = totalOf(s);
}

@compute @workgroup_size(64)
fn combineStatistics(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  let c = (group.y * groups.x + group.x) * 64u + local;
  if (c >= C) { return; }
  // Everything is taken from the first chunk's mean, so that the sums stay small where the mean is large.
  let origin = partial_saved[16u * (c / 4u) + 4u + c % 4u] + partial_saved[16u * (c / 4u) + 8u + c % 4u];
  var s = Sum();
  for (var chunk = 0u; chunk < CHUNKS; chunk++) {
    for (var lane = c; lane < 4u * Q; lane += C) {
      let at = 16u * (chunk * Q + lane / 4u) + lane % 4u;
      let term = partial_saved[at] * ((partial_saved[at + 4u] - origin) + partial_saved[at + 8u]);
      s = plus(s, vec4f(term, 0.0, 0.0, 0.0));
    }
  }
  let n = max(f32(limit() / C), 1.0);
  let offset = totalOf(s).x / n;
  s = Sum();
  for (var chunk = 0u; chunk < CHUNKS; chunk++) {
    for (var lane = c; lane < 4u * Q; lane += C) {
      let at = 16u * (chunk * Q + lane / 4u) + lane % 4u;
      let d = ((partial_saved[at + 4u] - origin) + partial_saved[at + 8u]) - offset;
      s = plus(s, vec4f(partial_saved[at + 12u] + partial_saved[at] * d * d, 0.0, 0.0, 0.0));
    }
  }
  new_mean[c] = origin + offset;
  new_variance[c] = totalOf(s).x / n;
}

@compute @workgroup_size(64)
fn normalize(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  let i = (group.y * groups.x + group.x) * 64u + local;
  if (i >= CHUNKS * Q) { return; }
  let last = min(min((i / Q + 1u) * LENGTH, GROUPS) * Q, N);
  let end = limit();
  let c = channels(i % Q);
  let m = means(c);
  let scale = vec4f(gamma[c.x], gamma[c.y], gamma[c.z], gamma[c.w]) * inverseDeviations(c);
  let shift = vec4f(beta[c.x], beta[c.y], beta[c.z], beta[c.w]);
  for (var at = (i / Q) * LENGTH * Q + i % Q; at < last; at += Q) {
    y[at] = select(vec4f(0.0), (x[at] - m) * scale + shift, inside(at, end));
  }
}

@compute @workgroup_size(64)
fn sums(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  let i = (group.y * groups.x + group.x) * 64u + local;
  if (i >= CHUNKS * Q) { return; }
  let end = limit();
  // Behind the last vec4 of which an element counts.
  let last = min(min((i / Q + 1u) * LENGTH, GROUPS) * Q, (end + 3u) / 4u);
  let c = channels(i % Q);
  let m = means(c);
  var total = Sum();
  var product = Sum();
  for (var at = (i / Q) * LENGTH * Q + i % Q; at < last;) {
    var run = vec4f();
    var products = vec4f();
    for (let stop = min(at + RUN * Q, last); at < stop; at += Q) {
      let counts = inside(at, end);
      let d = select(vec4f(0.0), dy[at], counts);
      run += d;
      products += d * select(vec4f(0.0), x[at] - m, counts);
    }
    total = plus(total, run);
    product = plus(product, products);
  }
  partial[2u * i] = totalOf(total);
  partial[2u * i + 1u] = totalOf(product) * inverseDeviations(c);
}

@compute @workgroup_size(64)
fn combineSums(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  let c = (group.y * groups.x + group.x) * 64u + local;
  if (c >= C) { return; }
  var s = Sum();
  for (var chunk = 0u; chunk < CHUNKS; chunk++) {
    for (var lane = c; lane < 4u * Q; lane += C) {
      let at = 8u * (chunk * Q + lane / 4u) + lane % 4u;
      s = plus(s, vec4f(partial_saved[at], partial_saved[at + 4u], 0.0, 0.0));
    }
  }
  let total = totalOf(s).x;
  let product = totalOf(s).y;
  dbeta[c] = total;
  dgamma[c] = product;
  let values = max(f32(limit() / C), 1.0);
  let inverse = 1.0 / sqrt(variance[c] + EPSILON);
  let scale = gamma[c] * inverse;
  new_coefficients[c] = vec4f(mean[c], scale, -scale * inverse * (product / values), -scale * (total / values));
}

@compute @workgroup_size(64)
fn backward(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  let i = (group.y * groups.x + group.x) * 64u + local;
  if (i >= CHUNKS * Q) { return; }
  let last = min(min((i / Q + 1u) * LENGTH, GROUPS) * Q, N);
  let end = limit();
  let c = channels(i % Q);
  // One column a channel; transposed, one column each of the four means, the four p, q and r.
  let k = transpose(mat4x4f(coefficients[c.x], coefficients[c.y], coefficients[c.z], coefficients[c.w]));
  for (var at = (i / Q) * LENGTH * Q + i % Q; at < last; at += Q) {
    dx[at] = select(vec4f(0.0), k[1] * dy[at] + k[2] * (x[at] - k[0]) + k[3], inside(at, end));
  }
}
