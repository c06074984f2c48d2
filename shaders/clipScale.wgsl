// clipScale: y = CLIP_NORM / max(sqrt(x), CLIP_NORM): what gradients with x as the sum of their squares are multiplied by,
// so that their norm is at most CLIP_NORM.
// x, y: [1]. One invocation.

override CLIP_NORM: f32;

@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;

@compute @workgroup_size(1)
fn forward() {
  let scale = CLIP_NORM / max(sqrt(x[0]), CLIP_NORM);
  // A sum that is infinite or NaN is passed on: clipping must not turn a gradient that blew up into one of 0.
  let finite = (bitcast<u32>(x[0]) & 0x7f800000u) != 0x7f800000u;
  y[0] = select(x[0], scale, finite);
}
