// sgdUpdate, with the learning rate r = hyper[0]:
//   plain      w -= r dw
//   momentum   velocity = MOMENTUM velocity - r dw;  w += velocity
//   nesterov   velocity = MOMENTUM velocity - r dw;  w += MOMENTUM velocity - r dw
// w, velocity, dw: one shape, flat, as vec4, N of them; hyper: [4]. One invocation a vec4, grid folded into two dimensions.

override N: u32;
override MOMENTUM: f32;

@group(0) @binding(0) var<storage, read_write> w: array<vec4f>;
@group(0) @binding(1) var<storage, read_write> velocity: array<vec4f>;
@group(0) @binding(2) var<storage, read> dw: array<vec4f>;
@group(0) @binding(3) var<storage, read> hyper: array<f32>;

@compute @workgroup_size(64)
fn plain(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  let i = (group.y * groups.x + group.x) * 64u + local;
  if (i >= N) { return; }
  w[i] -= hyper[0] * dw[i];
}

@compute @workgroup_size(64)
fn momentum(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  let i = (group.y * groups.x + group.x) * 64u + local;
  if (i >= N) { return; }
  let v = MOMENTUM * velocity[i] - hyper[0] * dw[i];
  velocity[i] = v;
  w[i] += v;
}

@compute @workgroup_size(64)
fn nesterov(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  let i = (group.y * groups.x + group.x) * 64u + local;
  if (i >= N) { return; }
  let step = hyper[0] * dw[i];
  let v = MOMENTUM * velocity[i] - step;
  velocity[i] = v;
  w[i] += MOMENTUM * v - step;
}
