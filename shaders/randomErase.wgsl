// randomErase: y[b, i, j, ch] = VALUE where (i, j) lies in the rectangle of example b, else x[b, i, j, ch];  dx = the same map of dy with VALUE = 0.
// The rectangle has RH x RW pixels, and its middle (at RH / 2, RW / 2, rounded down) is drawn from all H x W pixels alike, so that a part
// of it may lie outside. The draw depends on (seed, SALT, number of the example) alone.
// x, y: [n, H, W, C], NHWC. seed: the step's seed, and with PLACED = 1 the number of the first example after it.
//
// hash: as in dropout.wgsl, of (number of the example, mix32(seed), mix32(SALT), 0).
// COUNT = elements of x. One invocation an element, grid folded into two dimensions.

override COUNT: u32;
override H: u32;
override W: u32;
override C: u32;
override RH: u32;
override RW: u32;
override VALUE: f32;
override SALT: u32;
override PLACED: u32;

@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read> seed: array<u32>;
@group(0) @binding(2) var<storage, read_write> y: array<f32>;

fn mix32(word: u32) -> u32 {
  var v = word;
  v ^= v >> 16u;
  v *= 0x7feb352du;
  v ^= v >> 15u;
  v *= 0x846ca68bu;
  v ^= v >> 16u;
  return v;
}

fn pcg4d(words: vec4u) -> vec4u {
  var v = words * 1664525u + 1013904223u;
  v.x += v.y * v.w;
  v.y += v.z * v.x;
  v.z += v.x * v.y;
  v.w += v.y * v.z;
  v ^= v >> vec4u(16u);
  v.x += v.y * v.w;
  v.y += v.z * v.x;
  v.z += v.x * v.y;
  v.w += v.y * v.z;
  return v;
}

@compute @workgroup_size(64)
fn forward(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  let e = (group.y * groups.x + group.x) * 64u + local;
  if (e >= COUNT) { return; }
  let q = e / C;
  let r = q / W;
  let hash = pcg4d(vec4u(r / H + PLACED * seed[PLACED], mix32(seed[0]), mix32(SALT), 0u)).xy;
  // A pixel above or left of the rectangle wraps round to a huge number, so one comparison tests both sides.
  let within = vec2u(r % H, q % W) + vec2u(RH, RW) / 2u - hash % vec2u(H, W);
  y[e] = select(x[e], VALUE, within.x < RH && within.y < RW);
}
