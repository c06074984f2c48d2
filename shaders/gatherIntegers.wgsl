// gatherIntegers: y[b] = data[indices[b]] for b < rows, else zeros: a batch of floats out of a dataset of integers of BITS bits, 8
// or 16, that lies on the device. SIGNED: whether they are two's complement.
// data: any number of rows of integers behind one another, the first in the lowest bits of a word; a row may begin anywhere in a
// word. indices: [BATCH]; rows: one u32; y: [BATCH, row], the bits of floats: as words, because f16 does not hold all integers of 16
// bits. All of them are exact in f32. ROW counts elements (entry point `ones`), or fours of them where a row is whole fours
// (`fours`). One invocation for each, grid folded. Positions are u32: data may hold 4 G integers. The host has checked the indices.

override BATCH: u32;
override ROW: u32;
override BITS: u32;
override SIGNED: bool;

@group(0) @binding(0) var<storage, read> data: array<u32>;
@group(0) @binding(1) var<storage, read> indices: array<u32>;
@group(0) @binding(2) var<storage, read> rows: array<u32>;
@group(0) @binding(3) var<storage, read_write> y: array<u32>;
@group(0) @binding(4) var<storage, read_write> y4: array<vec4u>;

// The bits of the float of one integer.
fn widened(at: u32) -> u32 {
  let each = 32u / BITS;
  // Moved to the top of the word, then down again, which repeats the sign where there is one.
  let top = data[at / each] << (32u - BITS - at % each * BITS);
  if (SIGNED) { return bitcast<u32>(f32(bitcast<i32>(top) >> (32u - BITS))); }
  return bitcast<u32>(f32(top >> (32u - BITS)));
}

@compute @workgroup_size(64)
fn ones(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  let i = (group.y * groups.x + group.x) * 64u + local;
  if (i >= BATCH * ROW) { return; }
  let b = i / ROW;
  var bits = 0u;
  if (b < rows[0]) { bits = widened(indices[b] * ROW + i % ROW); }
  y[i] = bits;
}

@compute @workgroup_size(64)
fn fours(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  let i = (group.y * groups.x + group.x) * 64u + local;
  if (i >= BATCH * ROW) { return; }
  let b = i / ROW;
  var bits = vec4u(0u);
  if (b < rows[0]) {
    let at = (indices[b] * ROW + i % ROW) * 4u;
    bits = vec4u(widened(at), widened(at + 1u), widened(at + 2u), widened(at + 3u));
  }
  y4[i] = bits;
}
