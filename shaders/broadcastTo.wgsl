// broadcastTo: y = SCALE * x, x repeated along the axes where it has size 1 (the gradient of a sum, or with SCALE of a mean).
// y: rank 6 after adjacent axes were merged, sizes [.., D1, D2, D3, D4, D5]; x: read through strides A0..A5 (0 along a repeated
// axis). `forward` counts elements: N = elements of y, one invocation an element. `forward4` counts all of that in vec4s of the
// last axis, of which x has whole ones and all that y has.

override N: u32;
override SCALE: f32;
override D1: u32;
override D2: u32;
override D3: u32;
override D4: u32;
override D5: u32;
override A0: u32;
override A1: u32;
override A2: u32;
override A3: u32;
override A4: u32;
override A5: u32;

@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;
@group(0) @binding(0) var<storage, read> x4: array<vec4f>;
@group(0) @binding(1) var<storage, read_write> y4: array<vec4f>;

// Where x is read for position i of y.
fn operand(i: u32) -> u32 {
  let i5 = i % D5;
  let r4 = i / D5;
  let i4 = r4 % D4;
  let r3 = r4 / D4;
  let i3 = r3 % D3;
  let r2 = r3 / D3;
  let i2 = r2 % D2;
  let r1 = r2 / D2;
  let i1 = r1 % D1;
  let i0 = r1 / D1;
  return i0 * A0 + i1 * A1 + i2 * A2 + i3 * A3 + i4 * A4 + i5 * A5;
}

@compute @workgroup_size(64)
fn forward(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  let i = (group.y * groups.x + group.x) * 64u + local;
  if (i >= N) { return; }
  y[i] = SCALE * x[operand(i)];
}

@compute @workgroup_size(64)
fn forward4(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  let i = (group.y * groups.x + group.x) * 64u + local;
  if (i >= N) { return; }
  y4[i] = SCALE * x4[operand(i)];
}
