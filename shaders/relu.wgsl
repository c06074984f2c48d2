// relu: y = max(x, 0);  dx = dy where x > 0, else 0 (0 at x = 0, as in TensorFlow). Where x is a NaN, y and dx are, too.
// x, y, dy, dx, saved (y): any shape, flat, as vec4. N = number of vec4s. One invocation a vec4, grid folded into two dimensions.

override N: u32;

@group(0) @binding(0) var<storage, read> x: array<vec4f>;
@group(0) @binding(1) var<storage, read_write> y: array<vec4f>;
@group(0) @binding(2) var<storage, read> dy: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> dx: array<vec4f>;
@group(0) @binding(4) var<storage, read> saved: array<vec4f>;

// By the bits, since a maximum may drop a NaN. As integers, numbers below 0 end with the negative infinity, 0xff800000, and NaNs
// with the same sign come after.
fn activate(v: vec4f) -> vec4f {
  return select(v, vec4f(), bitcast<vec4i>(v) <= vec4i(-0x800000));
}

@compute @workgroup_size(64)
fn forward(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  let i = (group.y * groups.x + group.x) * 64u + local;
  if (i >= N) { return; }
  y[i] = activate(x[i]);
}

@compute @workgroup_size(64)
fn backward(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  let i = (group.y * groups.x + group.x) * 64u + local;
  if (i >= N) { return; }
  // 0 or above, or a NaN of either sign.
  let bits = bitcast<vec4u>(saved[i]);
  dx[i] = select(select(dy[i], vec4f(), bits == vec4u()), saved[i], bits > vec4u(0x7f800000u));
}
