// pixelChannels: y[b, i] = some channels of the pixels of row b < rows, as floats from 0 to 255; zeros after that.
// pixels: [BATCH, height, STRIDE] words, each a pixel with red in its lowest bits, then green, blue, alpha; the words of a line behind
// its WIDTH pixels are not read. rows: one u32; y: [BATCH, height, WIDTH, CHANNELS]. CHANNELS: 1 for gray, 3 for red, green, blue, 4
// with alpha. LINES: BATCH * height. One invocation for each pixel, grid folded.

override LINES: u32;
override HEIGHT: u32;
override WIDTH: u32;
override STRIDE: u32;
override CHANNELS: u32;

@group(0) @binding(0) var<storage, read> pixels: array<u32>;
@group(0) @binding(1) var<storage, read> rows: array<u32>;
@group(0) @binding(2) var<storage, read_write> y: array<f32>;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  let i = (group.y * groups.x + group.x) * 64u + local;
  if (i >= LINES * WIDTH) { return; }
  let line = i / WIDTH;
  var pixel = vec4u(0u);
  if (line / HEIGHT < rows[0]) {
    pixel = (vec4u(pixels[line * STRIDE + i % WIDTH]) >> vec4u(0u, 8u, 16u, 24u)) & vec4u(255u);
  }
  if (CHANNELS == 1u) {
    // The luma of ITU-R BT.601, rounded, with weights in units of 2^-16, as on the host.
    y[i] = f32((19595u * pixel.r + 38470u * pixel.g + 7471u * pixel.b + 32768u) >> 16u);
    return;
  }
  for (var c = 0u; c < CHANNELS; c++) { y[i * CHANNELS + c] = f32(pixel[c]); }
}
