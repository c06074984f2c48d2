// pad2d: y[b, i, j, ch] = x[b, i - TOP, j - LEFT, ch] where x has that element, else 0.
// x: [n, H, W, C], y: [n, OH, OW, OC], NHWC. TOP and LEFT may be negative, which crops; OC < C drops the last channels.
// N = elements of y. One invocation an element, neighbours along channels, grid folded into two dimensions.
// Entry point `forward4`: the same with C = OC counted in whole vec4s, and N in vec4s.

override N: u32;
override H: u32;
override W: u32;
override C: u32;
override OH: u32;
override OW: u32;
override OC: u32;
override TOP: i32;
override LEFT: i32;

@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;
@group(0) @binding(0) var<storage, read> x4: array<vec4f>;
@group(0) @binding(1) var<storage, read_write> y4: array<vec4f>;

struct Source {
  index: u32,
  inside: bool,
}

fn source(i: u32) -> Source {
  let ch = i % OC;
  let q = i / OC;
  let r = q / OW;
  // A coordinate left of or above x wraps round to a huge number, so one comparison tests both sides.
  let ix = u32(i32(q % OW) - LEFT);
  let iy = u32(i32(r % OH) - TOP);
  return Source((((r / OH) * H + iy) * W + ix) * C + ch, ix < W && iy < H && ch < C);
}

@compute @workgroup_size(64)
fn forward(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  let i = (group.y * groups.x + group.x) * 64u + local;
  if (i >= N) { return; }
  let origin = source(i);
  y[i] = select(0.0, x[origin.index], origin.inside);
}

@compute @workgroup_size(64)
fn forward4(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  let i = (group.y * groups.x + group.x) * 64u + local;
  if (i >= N) { return; }
  let origin = source(i);
  y4[i] = select(vec4f(0.0), x4[origin.index], origin.inside);
}
