// gelu: y = x P(x);  dx = (P(x) + x P'(x)) dy.
// Exact (APPROXIMATE false): P is the normal distribution function, P(x) = (1 + erf(x / sqrt(2))) / 2.
// Approximate (as in Keras): P(x) = (1 + tanh(u)) / 2 = 1 / (1 + exp(-2 u)), u = sqrt(2 / pi) (x + 0.044715 x^3).
// Both P have P(-z) = 1 - P(z), so y = max(x, 0) - z P(-z) with z = |x|: the tail P(-z) is small and never cancels.
//
// Exact tail: P(-z) = exp(-z^2 / 2) p(t), t = 1 / (1 + 0.3 z), p a polynomial of degree 8 without constant term, fitted to
// the least largest relative error over 0 <= z <= 14. Checked against 40-digit arithmetic on 5,000 points: the relative
// error of the tail is below 1.8e-7, the absolute error of y by it below 3e-8. With float32's own rounding y is
// within 3e-7 max(1, |x|) (test/ops/gelu.test.ts measures it).
// Where x is a NaN, y and dx are, too.
// x, y, dy, dx, saved (x): any shape, flat, as vec4. N = number of vec4s. One invocation a vec4, grid folded into two dimensions.

override N: u32;
override APPROXIMATE: bool;

@group(0) @binding(0) var<storage, read> x: array<vec4f>;
@group(0) @binding(1) var<storage, read_write> y: array<vec4f>;
@group(0) @binding(2) var<storage, read> dy: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> dx: array<vec4f>;
@group(0) @binding(4) var<storage, read> saved: array<vec4f>;

// By their bits: of comparisons, and of all that a compiler makes of them, a NaN gets what it gets.
fn nans(v: vec4f) -> vec4<bool> {
  return (bitcast<vec4u>(v) & vec4u(0x7fffffffu)) > vec4u(0x7f800000u);
}

// Beyond 14 both tails are 0 in float32; the bound keeps the squares and cubes finite.
const LARGEST = vec4f(14.0);
const SQRT_2_OVER_PI = 0.7978845608;
const ONE_OVER_SQRT_2_PI = 0.3989422804;

// P(-z), z in 0 to 14.
fn tail(z: vec4f) -> vec4f {
  if (APPROXIMATE) {
    let e = exp(-2.0 * SQRT_2_OVER_PI * z * (1.0 + 0.044715 * z * z));
    return e / (1.0 + e);
  }
  let t = 1.0 / (1.0 + 0.3 * z);
  let p = t * (0.119629305 + t * (0.120753858 + t * (0.0999140845 + t * (0.12855974 + t * (-0.0536802231
        + t * (0.206349964 + t * (-0.157201138 + t * 0.0356743366)))))));
  return exp(-0.5 * z * z) * p;
}

fn activate(v: vec4f) -> vec4f {
  let z = min(abs(v), LARGEST);
  return select(max(v, vec4f(0.0)) - z * tail(z), v, nans(v));
}

@compute @workgroup_size(64)
fn forward(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  let i = (group.y * groups.x + group.x) * 64u + local;
  if (i >= N) { return; }
  y[i] = activate(x[i]);
}

// P'(z), the same for -z; q is the tail at z.
fn density(z: vec4f, q: vec4f) -> vec4f {
  if (APPROXIMATE) {
    return 2.0 * SQRT_2_OVER_PI * (1.0 + 3.0 * 0.044715 * z * z) * q * (1.0 - q);
  }
  return ONE_OVER_SQRT_2_PI * exp(-0.5 * z * z);
}

@compute @workgroup_size(64)
fn backward(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  let i = (group.y * groups.x + group.x) * 64u + local;
  if (i >= N) { return; }
  let v = saved[i];
  let z = min(abs(v), LARGEST);
  let q = tail(z);
  let below = v < vec4f(0.0);
  let slope = select(1.0 - q, q, below) + select(z, -z, below) * density(z, q);
  dx[i] = select(dy[i] * slope, v, nans(v));
}
