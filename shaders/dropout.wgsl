// dropout (inverted): y[i] = SCALE x[i] where hash(i) >= THRESHOLD, else 0;  dx = the same map applied to dy.
// SCALE = 1 / (1 - rate), THRESHOLD = floor(rate 2^32), hash uniform over 32 bits and a function of (seed, SALT, i) alone:
// the gradient draws the same mask again, so no mask is stored. The seed changes every step, the salt gives each layer another mask.
//
// hash: seed and salt each go through `mix32` ("lowbias32" of C. Wellons' hash prospector: every input bit flips every output
// bit with a probability near 1/2), then `pcg4d` (Jarzynski, Olano, "Hash functions for GPU rendering", JCGT 9(3), 2020) of
// (i / 4, mix32(seed), mix32(SALT), 0) gives four words at once, for the elements i, i + 1, i + 2, i + 3 of a vec4.
// Without `mix32`, salts that differ in their high bits would give masks that resemble each other.
//
// x, y: any shape, flat, as vec4. N = number of vec4s. One invocation a vec4, grid folded into two dimensions.

override N: u32;
override SCALE: f32;
override THRESHOLD: u32;
override SALT: u32;

@group(0) @binding(0) var<storage, read> x: array<vec4f>;
@group(0) @binding(1) var<storage, read> seed: array<u32>;
@group(0) @binding(2) var<storage, read_write> y: array<vec4f>;

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
  let i = (group.y * groups.x + group.x) * 64u + local;
  if (i >= N) { return; }
  let hash = pcg4d(vec4u(i, mix32(seed[0]), mix32(SALT), 0u));
  y[i] = select(vec4f(0.0), SCALE * x[i], hash >= vec4u(THRESHOLD));
}
