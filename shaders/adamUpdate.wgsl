// adamUpdate, with alpha = hyper[0] (the learning rate, bias-corrected for the step) and decay = hyper[1] (AdamW's learning
// rate times weight decay, 0 for Adam):
//   m += RATE1 (dw - m);  v += RATE2 (dw^2 - v);  w = w - decay w - alpha m / (sqrt(v) + EPSILON)
// RATE1 = 1 - beta1 and RATE2 = 1 - beta2 come from the host, which subtracts in double precision: 1 - 0.999 in f32 is off
// by 5e-5.
// With SCALED, dw counts times scaling[0], and where scaling[1] is 0 nothing changes; else, `scaling` is bound to hyper and not read.
// w, m, v, dw: one shape, flat, as vec4, N of them; hyper: [4]. One invocation a vec4, grid folded into two dimensions.

override N: u32;
override RATE1: f32;
override RATE2: f32;
override EPSILON: f32;
override SCALED: bool = false;

@group(0) @binding(0) var<storage, read_write> w: array<vec4f>;
@group(0) @binding(1) var<storage, read_write> m: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> v: array<vec4f>;
@group(0) @binding(3) var<storage, read> dw: array<vec4f>;
@group(0) @binding(4) var<storage, read> hyper: array<f32>;
@group(0) @binding(5) var<storage, read> scaling: array<f32>;

fn gradient(i: u32) -> vec4f {
  if (SCALED) { return dw[i] * scaling[0]; }
  return dw[i];
}

fn skipped() -> bool {
  return SCALED && scaling[1] == 0.0;
}

@compute @workgroup_size(64)
fn update(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  let i = (group.y * groups.x + group.x) * 64u + local;
  if (i >= N || skipped()) { return; }
  let g = gradient(i);
  let before = w[i];
  let m0 = m[i];
  let v0 = v[i];
  let m1 = m0 + RATE1 * (g - m0);
  let v1 = v0 + RATE2 * (g * g - v0);
  m[i] = m1;
  v[i] = v1;
  w[i] = before - hyper[1] * before - hyper[0] * m1 / (sqrt(v1) + EPSILON);
}
