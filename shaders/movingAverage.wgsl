// movingAverage: average += WEIGHT (value - average), in place; WEIGHT = 1 - momentum. In this form an average that equals
// the value stays exactly as it is; with a WEIGHT of 1 it becomes the value, to the bit. Entry point `held`: the same, but where scaling[1] is 0 nothing changes.
// average, value: any shape, flat, as vec4; scaling: [2]. N = number of vec4s. One invocation a vec4, grid folded into two dimensions.

override N: u32;
override WEIGHT: f32;

@group(0) @binding(0) var<storage, read> value: array<vec4f>;
@group(0) @binding(1) var<storage, read_write> average: array<vec4f>;
@group(0) @binding(2) var<storage, read> scaling: array<f32>;

fn moved(old: vec4f, x: vec4f) -> vec4f {
  if (WEIGHT == 1.0) { return x; }
  return old + WEIGHT * (x - old);
}

@compute @workgroup_size(64)
fn forward(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  let i = (group.y * groups.x + group.x) * 64u + local;
  if (i >= N) { return; }
  average[i] = moved(average[i], value[i]);
}

@compute @workgroup_size(64)
fn held(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  let i = (group.y * groups.x + group.x) * 64u + local;
  if (i >= N || scaling[1] == 0.0) { return; }
  average[i] = moved(average[i], value[i]);
}
