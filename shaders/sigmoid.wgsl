// sigmoid: y = 1 / (1 + exp(-x));  dx = y (1 - y) dy.
// Where x is a NaN, y and dx are, too.
// x, y, dy, dx, saved (y): any shape, flat, as vec4. N = number of vec4s. One invocation a vec4, grid folded into two dimensions.

override N: u32;

@group(0) @binding(0) var<storage, read> x: array<vec4f>;
@group(0) @binding(1) var<storage, read_write> y: array<vec4f>;
@group(0) @binding(2) var<storage, read> dy: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> dx: array<vec4f>;
@group(0) @binding(4) var<storage, read> saved: array<vec4f>;

// By their bits: of comparisons, and of all that a compiler makes of them, a NaN gets what it gets.
fn nans(v: vec4f) -> vec4<bool> {
  return (bitcast<vec4u>(v) & vec4u(0x7fffffffu)) > vec4u(0x7f800000u);
}

fn activate(v: vec4f) -> vec4f {
  // exp of a negative number only, which cannot overflow: 1 / (1 + e) for x >= 0, e / (1 + e) below.
  let e = exp(-abs(v));
  return select(select(e, vec4f(1.0), v >= vec4f(0.0)) / (1.0 + e), v, nans(v));
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
  let s = saved[i];
  dx[i] = s * (1.0 - s) * dy[i];
}
