// softplus: y = log(1 + exp(x)) = max(x, 0) + log(1 + e), e = exp(-|x|);  dx = dy / (1 + exp(-x)).
// Where x is a NaN, y and dx are, too.
// x, y, dy, dx, saved (x): any shape, flat, as vec4. N = number of vec4s. One invocation a vec4, grid folded into two dimensions.

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

// log(1 + e) for 0 <= e <= 1 as 2 atanh(s), s = e / (2 + e) <= 1/3. The polynomial was fitted to 2 atanh(s) / s with a
// relative error below 1e-8. log itself would lose e beside 1, and WGSL lets it be off by 5e-7 there.
fn logOnePlus(e: vec4f) -> vec4f {
  let s = e / (2.0 + e);
  let t = s * s;
  return s * (2.0 + t * (0.666663148 + t * (0.400249079 + t * (0.279606311 + t * 0.281782216))));
}

fn activate(v: vec4f) -> vec4f {
  return select(max(v, vec4f(0.0)) + logOnePlus(exp(-abs(v))), v, nans(v));
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
  let e = exp(-abs(v));
  dx[i] = select(dy[i] * select(e, vec4f(1.0), v >= vec4f(0.0)) / (1.0 + e), v, nans(v));
}
