// mul: y = a * b, element by element, with NumPy broadcasting.
// y: rank 6 after adjacent axes were merged, sizes [.., D1, D2, D3, D4, D5]; a, b: read through strides A0..A5 and B0..B5
// (in elements, 0 along an axis that is broadcast). N = elements of y. One invocation an element.
// Entry point `same`: a, b and y have one shape and are walked flat. N = vec4s of y. One invocation a vec4.

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

@compute @workgroup_size(64)
fn forward(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  let i = (group.y * groups.x + group.x) * 64u + local;
  if (i >= N) { return; }
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
  y[i] = a[i0 * A0 + i1 * A1 + i2 * A2 + i3 * A3 + i4 * A4 + i5 * A5]
       * b[i0 * B0 + i1 * B1 + i2 * B2 + i3 * B3 + i4 * B4 + i5 * B5];
}

@compute @workgroup_size(64)
fn same(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  let i = (group.y * groups.x + group.x) * 64u + local;
  if (i >= N) { return; }
  y4[i] = a4[i] * b4[i];
}
