// tanh: y = (1 - e) / (1 + e) with the sign of x, e = exp(-2 |x|);  dx = (1 - y^2) dy.
// Not the built-in function: WGSL lets that be off by 1e-5, and on some devices it gives NaN for large x.
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

// The argument of exp is never positive, so nothing overflows. Near 0 the quotient would cancel: for |v| < 0.6 an odd
// polynomial stands in, fitted to tanh(v) / v with a relative error below 5e-9.
fn activate(v: vec4f) -> vec4f {
  let e = exp(-2.0 * abs(v));
  let q = (1.0 - e) / (1.0 + e);
  let s = v * v;
  let p = v * (1.0 + s * (-0.333332833 + s * (0.133316891 + s * (-0.0537687151 + s * (0.0207536577 - s * 0.0058521977)))));
  return select(select(select(-q, q, v > vec4f(0.0)), p, abs(v) < vec4f(0.6)), v, nans(v));
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
  let t = saved[i];
  dx[i] = (1.0 - t) * (1.0 + t) * dy[i];
}
