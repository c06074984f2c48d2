// The adapter's memory ceiling: y = x, in vec4s, each read once and written once.
// x4 [N], y4 [N]. Dispatch: a flat grid of N invocations in workgroups of 64, folded into two dimensions.

override N: u32;

@group(0) @binding(0) var<storage, read> x4: array<vec4f>;
@group(0) @binding(1) var<storage, read_write> y4: array<vec4f>;

@compute @workgroup_size(64)
fn copy(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) local: u32,
) {
  let i = (group.y * groups.x + group.x) * 64u + local;
  if (i >= N) {
    return;
  }
  y4[i] = x4[i];
}
