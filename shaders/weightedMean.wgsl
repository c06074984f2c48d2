// weightedMean: y = sum over i of w_i v_i / rows, which accumulate.wgsl computes, has the gradients
//   dv_i = dy w_i / rows, dw_i = dy v_i / rows: one kernel, in which the other operand is bound as `factors`.
// factors, gradient: [N], as vec4; rows: one u32, at least 1; dy: [1]. One invocation a vec4, grid folded into two dimensions.

override N: u32;

@group(0) @binding(0) var<storage, read> factors: array<vec4f>;
@group(0) @binding(1) var<storage, read> rows: array<u32>;
@group(0) @binding(2) var<storage, read> dy: array<f32>;
@group(0) @binding(3) var<storage, read_write> gradient: array<vec4f>;

@compute @workgroup_size(64)
fn backward(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  let i = (group.y * groups.x + group.x) * 64u + local;
  if (i >= (N + 3u) / 4u) { return; }
  gradient[i] = dy[0] * factors[i] / f32(rows[0]);
}
