// addScaled: sum += factor[0] x
// sum, x: one shape, flat, as vec4, N of them; factor: [1]. One invocation a vec4, grid folded into two dimensions.

override N: u32;

@group(0) @binding(0) var<storage, read_write> sum: array<vec4f>;
@group(0) @binding(1) var<storage, read> x: array<vec4f>;
@group(0) @binding(2) var<storage, read> factor: array<f32>;

@compute @workgroup_size(64)
fn forward(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  let i = (group.y * groups.x + group.x) * 64u + local;
  if (i >= N) { return; }
  sum[i] += factor[0] * x[i];
}
