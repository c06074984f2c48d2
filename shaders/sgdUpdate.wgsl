// sgdUpdate, with the learning rate r = hyper[0]:
//   plain      w -= r dw
//   momentum   velocity = MOMENTUM velocity - r dw;  w += velocity
//   nesterov   velocity = MOMENTUM velocity - r dw;  w += MOMENTUM velocity - r dw
// With SCALED, dw counts times scaling[0], and where scaling[1] is 0 nothing changes; else, `scaling` is bound to hyper and not read.
// w, velocity, dw: one shape, flat, as vec4, N of them; hyper: [4]. One invocation a vec4, grid folded into two dimensions.

override N: u32;
override MOMENTUM: f32;
override SCALED: bool = false;

@group(0) @binding(0) var<storage, read_write> w: array<vec4f>;
@group(0) @binding(1) var<storage, read_write> velocity: array<vec4f>;
@group(0) @binding(2) var<storage, read> dw: array<vec4f>;
@group(0) @binding(3) var<storage, read> hyper: array<f32>;
@group(0) @binding(4) var<storage, read> scaling: array<f32>;

fn gradient(i: u32) -> vec4f {
  if (SCALED) { return dw[i] * scaling[0]; }
  return dw[i];
}

fn skipped() -> bool {
  return SCALED && scaling[1] == 0.0;
}

@compute @workgroup_size(64)
fn plain(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  let i = (group.y * groups.x + group.x) * 64u + local;
  if (i >= N || skipped()) { return; }
  w[i] -= hyper[0] * gradient(i);
}

@compute @workgroup_size(64)
fn momentum(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  let i = (group.y * groups.x + group.x) * 64u + local;
  if (i >= N || skipped()) { return; }
  let v = MOMENTUM * velocity[i] - hyper[0] * gradient(i);
  velocity[i] = v;
  w[i] += v;
}

@compute @workgroup_size(64)
fn nesterov(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  let i = (group.y * groups.x + group.x) * 64u + local;
  if (i >= N || skipped()) { return; }
  let step = hyper[0] * gradient(i);
  let v = MOMENTUM * velocity[i] - step;
  velocity[i] = v;
  w[i] += MOMENTUM * v - step;
}
