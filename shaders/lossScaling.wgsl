// lossScaling: whether gradients of a loss times S are finite, and the S of the next step.
// `check`: flags[OFFSET + p] = 1 if among the elements i = p, p + PARTS, p + 2 PARTS, .. of a gradient gj one is an infinity or a
//   NaN, else 0.
// `finish`: with all FLAGS of them 0: scaling = (1 / S, 1), steps += 1, and S doubles, to at most LARGEST, when steps reaches
//   INTERVAL, which sets steps to 0. With one that is not: scaling = (1 / S, 0), S halves, to at least SMALLEST, steps = 0.
// gj: [Nj], any shape, flat; bindings that are left over are bound to g0, with Nj = 0. flags: [FLAGS]; scale S, steps, inverse: [1];
// scaling: [2]; inverse = 1 / S once more. S is a power of two, so that nothing here rounds.
// Check: one invocation a part, neighbours reading neighbours. Finish: one workgroup.

override PARTS: u32 = 1u;
override OFFSET: u32 = 0u;
override N0: u32 = 0u;
override N1: u32 = 0u;
override N2: u32 = 0u;
override N3: u32 = 0u;
override N4: u32 = 0u;
override N5: u32 = 0u;
override FLAGS: u32 = 1u;
override INTERVAL: f32 = 1.0;
override SMALLEST: f32 = 1.0;
override LARGEST: f32 = 1.0;

@group(0) @binding(0) var<storage, read> g0: array<f32>;
@group(0) @binding(1) var<storage, read> g1: array<f32>;
@group(0) @binding(2) var<storage, read> g2: array<f32>;
@group(0) @binding(3) var<storage, read> g3: array<f32>;
@group(0) @binding(4) var<storage, read> g4: array<f32>;
@group(0) @binding(5) var<storage, read> g5: array<f32>;
@group(0) @binding(6) var<storage, read_write> flags: array<u32>;
@group(0) @binding(0) var<storage, read> flags_saved: array<u32>;
@group(0) @binding(1) var<storage, read_write> scale: array<f32>;
@group(0) @binding(2) var<storage, read_write> steps: array<f32>;
@group(0) @binding(3) var<storage, read_write> scaling: array<f32>;
@group(0) @binding(4) var<storage, read_write> inverse: array<f32>;

var<workgroup> found: array<u32, 64>;

// By its bits: comparisons with a NaN are not to be relied on.
fn notFinite(x: f32) -> u32 {
  return select(0u, 1u, (bitcast<u32>(x) & 0x7f800000u) == 0x7f800000u);
}

@compute @workgroup_size(64)
fn check(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  let p = (group.y * groups.x + group.x) * 64u + local;
  if (p >= PARTS) { return; }
  var flag = 0u;
  for (var i = p; i < N0; i += PARTS) { flag |= notFinite(g0[i]); }
  for (var i = p; i < N1; i += PARTS) { flag |= notFinite(g1[i]); }
  for (var i = p; i < N2; i += PARTS) { flag |= notFinite(g2[i]); }
  for (var i = p; i < N3; i += PARTS) { flag |= notFinite(g3[i]); }
  for (var i = p; i < N4; i += PARTS) { flag |= notFinite(g4[i]); }
  for (var i = p; i < N5; i += PARTS) { flag |= notFinite(g5[i]); }
  flags[OFFSET + p] = flag;
}

@compute @workgroup_size(64)
fn finish(@builtin(local_invocation_index) local: u32) {
  var flag = 0u;
  for (var i = local; i < FLAGS; i += 64u) { flag |= flags_saved[i]; }
  found[local] = flag;
  workgroupBarrier();
  if (local != 0u) { return; }
  for (var i = 1u; i < 64u; i++) { flag |= found[i]; }
  let before = scale[0];
  // 1 / S, exactly, which a division need not be: the exponent with its sign turned.
  let turned = bitcast<f32>(0x7f000000u - bitcast<u32>(before));
  scaling[0] = turned;
  inverse[0] = turned;
  if (flag != 0u) {
    scaling[1] = 0.0;
    steps[0] = 0.0;
    scale[0] = max(0.5 * before, SMALLEST);
    return;
  }
  scaling[1] = 1.0;
  if (steps[0] + 1.0 < INTERVAL) {
    steps[0] += 1.0;
  } else {
    steps[0] = 0.0;
    scale[0] = min(2.0 * before, LARGEST);
  }
}
