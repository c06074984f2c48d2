// weightedMean: y = sum over i of w_i v_i / rows;  dv_i = dy w_i / rows, dw_i = dy v_i / rows (one kernel: the other operand
// is bound as `factors`).
// values v, weights w, factors, gradient: [N], as vec4; rows: one u32, at least 1; y, dy: [1].
// An entry of weight 0 counts as 0 whatever its value: it may be a padding row, whose value may not even be finite.
// Forward: one invocation, since a batch is short; four running sums in a fixed order. Backward: one invocation a vec4.

override N: u32;

@group(0) @binding(0) var<storage, read> values: array<vec4f>;
@group(0) @binding(1) var<storage, read> weights: array<vec4f>;
@group(0) @binding(2) var<storage, read> rows: array<u32>;
@group(0) @binding(3) var<storage, read_write> y: array<f32>;
@group(0) @binding(4) var<storage, read> factors: array<vec4f>;
@group(0) @binding(5) var<storage, read> dy: array<f32>;
@group(0) @binding(6) var<storage, read_write> gradient: array<vec4f>;

fn weighted(i: u32) -> vec4f {
  let w = weights[i];
  return select(w * values[i], vec4f(0.0), w == vec4f(0.0));
}

@compute @workgroup_size(1)
fn forward() {
  var total = vec4f(0.0);
  for (var i = 0u; i < N / 4u; i++) {
    total += weighted(i);
  }
  if (N % 4u > 0u) {
    // What lies behind the last element is undefined.
    total += select(vec4f(0.0), weighted(N / 4u), vec4u(0u, 1u, 2u, 3u) < vec4u(N % 4u));
  }
  y[0] = ((total.x + total.y) + (total.z + total.w)) / f32(rows[0]);
}

@compute @workgroup_size(64)
fn backward(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  let i = (group.y * groups.x + group.x) * 64u + local;
  if (i >= (N + 3u) / 4u) { return; }
  gradient[i] = dy[0] * factors[i] / f32(rows[0]);
}
