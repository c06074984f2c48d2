// batchNormInference: y = (x - mean) gamma / sqrt(variance + EPSILON) + beta, with one mean, variance, gamma, beta a channel.
// x, y: [..., C], flat, as N vec4s. WIDTH = lcm(C, 4) elements make a group of Q = WIDTH / 4 vec4s, so component j of vec4 q
// of every group belongs to channel (4 q + j) % C, whatever C is. One invocation a (tile, q); a tile is LENGTH of the GROUPS
// groups, so the channel's numbers are read once a tile. TILES tiles, grid folded into two dimensions.

override N: u32;
override C: u32;
override Q: u32;
override GROUPS: u32;
override TILES: u32;
override LENGTH: u32;
override EPSILON: f32;

@group(0) @binding(0) var<storage, read> x: array<vec4f>;
@group(0) @binding(1) var<storage, read> gamma: array<f32>;
@group(0) @binding(2) var<storage, read> beta: array<f32>;
@group(0) @binding(3) var<storage, read> mean: array<f32>;
@group(0) @binding(4) var<storage, read> variance: array<f32>;
@group(0) @binding(5) var<storage, read_write> y: array<vec4f>;

@compute @workgroup_size(64)
fn forward(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  let i = (group.y * groups.x + group.x) * 64u + local;
  if (i >= TILES * Q) { return; }
  let last = min(min((i / Q + 1u) * LENGTH, GROUPS) * Q, N);
  let c = (vec4u(4u * (i % Q)) + vec4u(0u, 1u, 2u, 3u)) % C;
  let m = vec4f(mean[c.x], mean[c.y], mean[c.z], mean[c.w]);
  let v = vec4f(variance[c.x], variance[c.y], variance[c.z], variance[c.w]);
  let scale = vec4f(gamma[c.x], gamma[c.y], gamma[c.z], gamma[c.w]) / sqrt(v + EPSILON);
  let shift = vec4f(beta[c.x], beta[c.y], beta[c.z], beta[c.w]);
  for (var at = (i / Q) * LENGTH * Q + i % Q; at < last; at += Q) {
    // The mean goes first: x scale - mean scale would cancel where the mean is large.
    y[at] = (x[at] - m) * scale + shift;
  }
}
