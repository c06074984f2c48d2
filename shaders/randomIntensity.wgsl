// randomIntensity: y[b, p, ch] = clip(f(x[b, p, ch]), LOWEST, HIGHEST), with f(v) = v + d (CONTRAST = 0), or (v - m) d + m with the mean
// m = mean[b, ch] (CONTRAST = 1). Each example has a d of its own, drawn from (seed, SALT, number of the example) alone: A + A_SPAN u,
// with u uniform in [0, 1) in steps of 2^-24. A NaN stays one.
// dx = dy f'(x) where f(x) was not clipped, else 0; with OF_MEAN = 1 the derivative by m in place of that by x, still to be summed.
// x, y, dy, dx: [n, P pixels, C]; mean: [n, C]. seed: the step's seed, and with PLACED = 1 the number of the first example after it.
//
// hash: as in dropout.wgsl, of (number of the example, mix32(seed), mix32(SALT), 0).
// COUNT = elements of x. One invocation an element, grid folded into two dimensions.

override COUNT: u32;
override P: u32;
override C: u32;
override CONTRAST: u32;
override A: f32;
override A_SPAN: f32;
override LOWEST: f32;
override HIGHEST: f32;
override OF_MEAN: u32;
override SALT: u32;
override PLACED: u32;

@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read> seed: array<u32>;
@group(0) @binding(2) var<storage, read> mean: array<f32>;
@group(0) @binding(3) var<storage, read_write> y: array<f32>;
@group(0) @binding(4) var<storage, read> dy: array<f32>;
@group(0) @binding(5) var<storage, read_write> dx: array<f32>;

fn mix32(word: u32) -> u32 {
  var v = word;
  v ^= v >> 16u;
  v *= 0x7feb352du;
  v ^= v >> 15u;
  v *= 0x846ca68bu;
  v ^= v >> 16u;
  return v;
}

fn pcg4d(words: vec4u) -> vec4u {
  var v = words * 1664525u + 1013904223u;
  v.x += v.y * v.w;
  v.y += v.z * v.x;
  v.z += v.x * v.y;
  v.w += v.y * v.z;
  v ^= v >> vec4u(16u);
  v.x += v.y * v.w;
  v.y += v.z * v.x;
  v.z += v.x * v.y;
  v.w += v.y * v.z;
  return v;
}

fn amountOf(example: u32) -> f32 {
  let hash = pcg4d(vec4u(example + PLACED * seed[PLACED], mix32(seed[0]), mix32(SALT), 0u));
  return A + A_SPAN * f32(hash.x >> 8u) / 16777216.0;
}

fn changed(e: u32, amount: f32) -> f32 {
  let value = x[e];
  if (CONTRAST == 0u) { return value + amount; }
  let middle = mean[e / (P * C) * C + e % C];
  return (value - middle) * amount + middle;
}

// By the bits, since a comparison may take a NaN for a number.
fn isNan(value: f32) -> bool {
  return (bitcast<u32>(value) & 0x7fffffffu) > 0x7f800000u;
}

@compute @workgroup_size(64)
fn forward(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  let e = (group.y * groups.x + group.x) * 64u + local;
  if (e >= COUNT) { return; }
  let value = changed(e, amountOf(e / (P * C)));
  y[e] = select(clamp(value, LOWEST, HIGHEST), value, isNan(value));
}

@compute @workgroup_size(64)
fn backward(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  let e = (group.y * groups.x + group.x) * 64u + local;
  if (e >= COUNT) { return; }
  let amount = amountOf(e / (P * C));
  let value = changed(e, amount);
  let kept = isNan(value) || (value >= LOWEST && value <= HIGHEST);
  let slope = select(1.0, select(amount, 1.0 - amount, OF_MEAN == 1u), CONTRAST == 1u);
  dx[e] = select(0.0, slope * dy[e], kept);
}
