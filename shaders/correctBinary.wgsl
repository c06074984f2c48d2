// correctBinary: y = 1 where a logit above 0 (a probability above 1/2) and a truth above 1/2 go together, else 0. A NaN is neither.
// logits, truth, y: [N], as vec4. N = number of vec4s. One invocation a vec4.

override N: u32;

@group(0) @binding(0) var<storage, read> logits: array<vec4f>;
@group(0) @binding(1) var<storage, read> truth: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> y: array<vec4f>;

// By bits: a device may take a NaN for equal to itself.
fn nans(v: vec4f) -> vec4<bool> {
  return (bitcast<vec4u>(v) & vec4u(0x7fffffffu)) > vec4u(0x7f800000u);
}

@compute @workgroup_size(64)
fn forward(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  let i = (group.y * groups.x + group.x) * 64u + local;
  if (i >= N) { return; }
  let number = !nans(logits[i]) & !nans(truth[i]);
  y[i] = select(vec4f(0.0), vec4f(1.0), ((logits[i] > vec4f(0.0)) == (truth[i] > vec4f(0.5))) & number);
}
