// biasAdd: y[p, c] = x[p, c] + b[c].
// x, y: [.., C], flat, as vec4; N = number of vec4s. One invocation a vec4, grid folded into two dimensions.
// Entry point `forward`: any C, elements of b one by one. `forward4`: C and b in vec4s of channels.

override N: u32;
override C: u32;

@group(0) @binding(0) var<storage, read> x: array<vec4f>;
@group(0) @binding(1) var<storage, read> b: array<f32>;
@group(0) @binding(1) var<storage, read> b4: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> y: array<vec4f>;

@compute @workgroup_size(64)
fn forward(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  let i = (group.y * groups.x + group.x) * 64u + local;
  if (i >= N) { return; }
  let e = i * 4u;
  y[i] = x[i] + vec4f(b[e % C], b[(e + 1u) % C], b[(e + 2u) % C], b[(e + 3u) % C]);
}

@compute @workgroup_size(64)
fn forward4(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  let i = (group.y * groups.x + group.x) * 64u + local;
  if (i >= N) { return; }
  y[i] = x[i] + b4[i % C];
}
