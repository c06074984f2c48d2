// elu: y = x where x > 0, else ALPHA (exp(x) - 1);  dx = dy where x > 0, else ALPHA exp(x) dy.
// For ALPHA >= 0, y is positive exactly where x is, and ALPHA exp(x) = y + ALPHA (as in TensorFlow): the backward reads y. That is exact
// to ALPHA's last place, not to its own. For ALPHA < 0 the backward reads x.
// Where x is a NaN, y and dx are, too.
// x, y, dy, dx, saved (y or x): any shape, flat, as vec4. N = number of vec4s. One invocation a vec4, grid folded into two dimensions.

override N: u32;
override ALPHA: f32;

@group(0) @binding(0) var<storage, read> x: array<vec4f>;
@group(0) @binding(1) var<storage, read_write> y: array<vec4f>;
@group(0) @binding(2) var<storage, read> dy: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> dx: array<vec4f>;
@group(0) @binding(4) var<storage, read> saved: array<vec4f>;

// By their bits: of comparisons, and of all that a compiler makes of them, a NaN gets what it gets.
fn nans(v: vec4f) -> vec4<bool> {
  return (bitcast<vec4u>(v) & vec4u(0x7fffffffu)) > vec4u(0x7f800000u);
}

// exp(v) - 1 for v <= 0. Near 0 the difference would cancel, so there the Taylor series to v^8 / 8! stands in: for
// |v| < 0.5 what it leaves out is below 0.5^8 / 9! = 1.1e-8 of the value.
fn expMinus1(v: vec4f) -> vec4f {
  let s = v * (1.0 + v / 2.0 * (1.0 + v / 3.0 * (1.0 + v / 4.0 * (1.0 + v / 5.0 * (1.0 + v / 6.0 * (1.0 + v / 7.0 * (1.0 + v / 8.0)))))));
  return select(exp(v) - 1.0, s, v > vec4f(-0.5));
}

fn activate(v: vec4f) -> vec4f {
  return select(v, ALPHA * expMinus1(min(v, vec4f(0.0))), (v <= vec4f(0.0)) & !nans(v));
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
  let v = saved[i];
  let d = dy[i];
  var slope = v + ALPHA;
  if (ALPHA < 0.0) { slope = ALPHA * exp(min(v, vec4f(0.0))); }
  dx[i] = select(select(d, slope * d, v <= vec4f(0.0)), v, nans(v));
}
