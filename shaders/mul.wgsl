// mul: y = a * b, element by element, with NumPy broadcasting.
// y: rank 6 after adjacent axes were merged, sizes [.., D1, D2, D3, D4, D5]; a, b: read through strides A0..A5 and B0..B5
// (0 along an axis that is broadcast). `forward` counts elements: N = elements of y, one invocation an element. `forward4`
// counts all of that in vec4s of the last axis: where a and b both have whole vec4s there, or have one shape, walked flat.

override N: u32;
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
override B0: u32;
override B1: u32;
override B2: u32;
override B3: u32;
override B4: u32;
override B5: u32;

@group(0) @binding(0) var<storage, read> a: array<f32>;
@group(0) @binding(1) var<storage, read> b: array<f32>;
@group(0) @binding(2) var<storage, read_write> y: array<f32>;
@group(0) @binding(0) var<storage, read> a4: array<vec4f>;
@group(0) @binding(1) var<storage, read> b4: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> y4: array<vec4f>;

// Where a and b are read for position i of y.
fn operands(i: u32) -> vec2u {
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
  return vec2u(
    i0 * A0 + i1 * A1 + i2 * A2 + i3 * A3 + i4 * A4 + i5 * A5,
    i0 * B0 + i1 * B1 + i2 * B2 + i3 * B3 + i4 * B4 + i5 * B5,
  );
}

@compute @workgroup_size(64)
fn forward(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  let i = (group.y * groups.x + group.x) * 64u + local;
  if (i >= N) { return; }
  let at = operands(i);
  y[i] = a[at.x] * b[at.y];
}

@compute @workgroup_size(64)
fn forward4(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  let i = (group.y * groups.x + group.x) * 64u + local;
  if (i >= N) { return; }
  let at = operands(i);
  y4[i] = a4[at.x] * b4[at.y];
}
