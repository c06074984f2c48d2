// gatherRows: y[b] = data[indices[b]] for b < rows, else zeros: a batch out of a dataset that lies on the device.
// data: [any number of rows, ROW]; indices: [BATCH]; rows: one u32; y: [BATCH, ROW]. Words are moved as they are, so f32 and
// i32 are the same. ROW counts words (entry point `words`), or vec4s where a row is whole vec4s (`vectors`). The dataset's
// length is no constant: one pipeline serves all. The host has checked the indices.
// Positions are u32: data may hold 4 G words, or 4 G vec4s, more than any binding. One invocation a word or vec4, grid folded.

override BATCH: u32;
override ROW: u32;

@group(0) @binding(0) var<storage, read> data: array<u32>;
@group(0) @binding(1) var<storage, read> data4: array<vec4u>;
@group(0) @binding(2) var<storage, read> indices: array<u32>;
@group(0) @binding(3) var<storage, read> rows: array<u32>;
@group(0) @binding(4) var<storage, read_write> y: array<u32>;
@group(0) @binding(5) var<storage, read_write> y4: array<vec4u>;

@compute @workgroup_size(64)
fn words(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  let i = (group.y * groups.x + group.x) * 64u + local;
  if (i >= BATCH * ROW) { return; }
  let b = i / ROW;
  var word = 0u;
  if (b < rows[0]) { word = data[indices[b] * ROW + i % ROW]; }
  y[i] = word;
}

@compute @workgroup_size(64)
fn vectors(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  let i = (group.y * groups.x + group.x) * 64u + local;
  if (i >= BATCH * ROW) { return; }
  let b = i / ROW;
  var vector = vec4u(0u);
  if (b < rows[0]) { vector = data4[indices[b] * ROW + i % ROW]; }
  y4[i] = vector;
}
