// sine: y = sin(OMEGA x);  dx = OMEGA cos(OMEGA x) dy. Any shape, flat. One invocation an element.

override N: u32;
override OMEGA: f32;

@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read> dy: array<f32>;
@group(0) @binding(2) var<storage, read_write> y: array<f32>;
@group(0) @binding(3) var<storage, read_write> dx: array<f32>;

@compute @workgroup_size(64)
fn forward(@builtin(global_invocation_id) id: vec3u) {
  let i = id.x;
  if (i >= N) { return; }
  y[i] = sin(OMEGA * x[i]);
}

@compute @workgroup_size(64)
fn backward(@builtin(global_invocation_id) id: vec3u) {
  let i = id.x;
  if (i >= N) { return; }
  dx[i] = OMEGA * cos(OMEGA * x[i]) * dy[i];
}
