// accumulate: s = sum over i < rows of w_i v_i (entry point `weighted`) or of v_i (`plain`);
//             state[SLOT] = s, state[SLOTS + SLOT] += s.
// values v, weights w: [N], as vec4; rows: one u32; state: [2 * SLOTS], this batch's sums and then the running ones.
// An entry of weight 0 counts as 0 whatever its value, as in weightedMean. One invocation, since a batch is short; four
// running sums in a fixed order.

override N: u32;
override SLOT: u32;
override SLOTS: u32;

@group(0) @binding(0) var<storage, read> values: array<vec4f>;
@group(0) @binding(1) var<storage, read> weights: array<vec4f>;
@group(0) @binding(2) var<storage, read> rows: array<u32>;
@group(0) @binding(3) var<storage, read_write> state: array<f32>;

/// 1 for the lanes of vec4 number i that belong to the first `count` entries.
fn counted(i: u32, count: u32) -> vec4<bool> {
  return vec4u(4u * i) + vec4u(0u, 1u, 2u, 3u) < vec4u(count);
}

fn store(total: vec4f) {
  let s = (total.x + total.y) + (total.z + total.w);
  state[SLOT] = s;
  state[SLOTS + SLOT] += s;
}

@compute @workgroup_size(1)
fn plain() {
  let count = min(rows[0], N);
  var total = vec4f(0.0);
  for (var i = 0u; 4u * i < count; i++) {
    total += select(vec4f(0.0), values[i], counted(i, count));
  }
  store(total);
}

@compute @workgroup_size(1)
fn weighted() {
  let count = min(rows[0], N);
  var total = vec4f(0.0);
  for (var i = 0u; 4u * i < count; i++) {
    let w = weights[i];
    total += select(vec4f(0.0), w * values[i], counted(i, count) & (w != vec4f(0.0)));
  }
  store(total);
}
