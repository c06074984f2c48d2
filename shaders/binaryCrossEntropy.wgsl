// binaryCrossEntropy: y = -t log(p) - (1 - t) log(1 - p) with p = sigmoid(z), for logits z (`prediction`) and truth t, in the
// form max(z, 0) - z t + log(1 + exp(-|z|)), where nothing overflows and no logarithm is near its pole.
// dprediction = (p - t) dy;  dtruth = -z dy.
// The elements alone: the mean over a row is an op of its own.
// prediction, truth, y, dy, dprediction, dtruth: one shape, flat, as vec4. N = number of vec4s. One invocation a vec4, grid
// folded into two dimensions.

override N: u32;

@group(0) @binding(0) var<storage, read> prediction: array<vec4f>;
@group(0) @binding(1) var<storage, read> truth: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> y: array<vec4f>;
@group(0) @binding(3) var<storage, read> dy: array<vec4f>;
@group(0) @binding(4) var<storage, read_write> dprediction: array<vec4f>;
@group(0) @binding(5) var<storage, read_write> dtruth: array<vec4f>;

// By their bits: of comparisons, and of all that a compiler makes of them, a NaN gets what it gets.
fn nans(v: vec4f) -> vec4<bool> {
  return (bitcast<vec4u>(v) & vec4u(0x7fffffffu)) > vec4u(0x7f800000u);
}

@compute @workgroup_size(64)
fn forward(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  let i = (group.y * groups.x + group.x) * 64u + local;
  if (i >= N) { return; }
  let z = prediction[i];
  y[i] = select(max(z, vec4f(0.0)) - z * truth[i] + log(1.0 + exp(-abs(z))), z, nans(z));
}

@compute @workgroup_size(64)
fn backward(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  let i = (group.y * groups.x + group.x) * 64u + local;
  if (i >= N) { return; }
  let z = prediction[i];
  let e = exp(-abs(z)); // at most 1
  let p = select(e, vec4f(1.0), z >= vec4f(0.0)) / (1.0 + e);
  dprediction[i] = select((p - truth[i]) * dy[i], z, nans(z));
}

@compute @workgroup_size(64)
fn gradientOfTruth(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  let i = (group.y * groups.x + group.x) * 64u + local;
  if (i >= N) { return; }
  dtruth[i] = -prediction[i] * dy[i];
}
