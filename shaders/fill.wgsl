// fill: y[i] = VALUE.
// y: any shape, flat, as vec4. N = number of vec4s. One invocation a vec4, grid folded into two dimensions.

override N: u32;
override VALUE: f32;

@group(0) @binding(0) var<storage, read_write> y: array<vec4f>;

@compute @workgroup_size(64)
fn forward(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  let i = (group.y * groups.x + group.x) * 64u + local;
  if (i >= N) { return; }
  y[i] = vec4f(VALUE);
}
