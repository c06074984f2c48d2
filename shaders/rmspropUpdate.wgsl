// rmspropUpdate, with the learning rate r = hyper[0]:
//   velocity = RHO velocity + ONE_MINUS_RHO dw^2
//   average = RHO average + ONE_MINUS_RHO dw                      (centered)
//   step = r dw / sqrt(velocity + EPSILON), or r dw / sqrt(velocity - average^2 + EPSILON)   (centered)
//   w -= step, or momentum = MOMENTUM momentum + step;  w -= momentum   (with momentum)
// ONE_MINUS_RHO comes from the host, which subtracts in double precision: 1 - 0.999 in f32 is off by 5e-5.
// With SCALED, dw counts times scaling[0], and where scaling[1] is 0 nothing changes; else, `scaling` is bound to hyper and not read.
// w, velocity, average, momentum, dw: one shape, flat, as vec4, N of them; hyper: [4]. One invocation a vec4, grid folded.

override N: u32;
override RHO: f32;
override ONE_MINUS_RHO: f32;
override MOMENTUM: f32;
override EPSILON: f32;
override SCALED: bool = false;

@group(0) @binding(0) var<storage, read_write> w: array<vec4f>;
@group(0) @binding(1) var<storage, read_write> velocity: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> momentum: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> average: array<vec4f>;
@group(0) @binding(4) var<storage, read> dw: array<vec4f>;
@group(0) @binding(5) var<storage, read> hyper: array<f32>;
@group(0) @binding(6) var<storage, read> scaling: array<f32>;

fn gradient(i: u32) -> vec4f {
  if (SCALED) { return dw[i] * scaling[0]; }
  return dw[i];
}

fn skipped() -> bool {
  return SCALED && scaling[1] == 0.0;
}

fn plainStep(i: u32) -> vec4f {
  let g = gradient(i);
  let v = RHO * velocity[i] + ONE_MINUS_RHO * g * g;
  velocity[i] = v;
  return hyper[0] * g / sqrt(v + EPSILON);
}

fn centeredStep(i: u32) -> vec4f {
  let g = gradient(i);
  let v = RHO * velocity[i] + ONE_MINUS_RHO * g * g;
  let a = RHO * average[i] + ONE_MINUS_RHO * g;
  velocity[i] = v;
  average[i] = a;
  // A variance is not negative, but the difference of two roundings can be, by more than EPSILON for large gradients.
  let variance = v - a * a;
  // By the bits, since a maximum may drop a NaN: as integers, numbers below 0 end with the negative infinity.
  let below = bitcast<vec4i>(variance) <= vec4i(-0x800000);
  return hyper[0] * g / sqrt(select(variance, vec4f(), below) + EPSILON);
}

fn withMomentum(i: u32, step: vec4f) -> vec4f {
  let m = MOMENTUM * momentum[i] + step;
  momentum[i] = m;
  return m;
}

@compute @workgroup_size(64)
fn plain(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  let i = (group.y * groups.x + group.x) * 64u + local;
  if (i >= N || skipped()) { return; }
  w[i] -= plainStep(i);
}

@compute @workgroup_size(64)
fn plainMomentum(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  let i = (group.y * groups.x + group.x) * 64u + local;
  if (i >= N || skipped()) { return; }
  w[i] -= withMomentum(i, plainStep(i));
}

@compute @workgroup_size(64)
fn centered(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  let i = (group.y * groups.x + group.x) * 64u + local;
  if (i >= N || skipped()) { return; }
  w[i] -= centeredStep(i);
}

@compute @workgroup_size(64)
fn centeredMomentum(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  let i = (group.y * groups.x + group.x) * 64u + local;
  if (i >= N || skipped()) { return; }
  w[i] -= withMomentum(i, centeredStep(i));
}
