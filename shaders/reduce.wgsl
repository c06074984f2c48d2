// reduce: y[o] = SCALE * sum over r of x[o, r]   (entry points `sum`, `sum4`; a mean has SCALE = 1 / count)
//         y[o] = max over r of x[o, r]           (entry point `maximum`; a NaN is larger than all numbers)
//         y[o] = count of r with x[o, r] = m[o]  (entry point `ties`; NaNs are equal)
//         dx[o, r] = dy[o] / count[o] where x[o, r] = m[o], else 0   (entry point `share`; the gradient of a maximum m)
// x and dx are walked through strides: the kept axes have sizes K0..K5 and strides P0..P5, the reduced axes sizes R0..R5 and
// strides Q0..Q5 (in elements; adjacent axes were merged, missing ones have size 1). OUT kept positions, COUNT reduced ones.
// The reduced range is cut into CHUNKS of LENGTH positions; y is [CHUNKS, OUT]. With CHUNKS > 1 it is a partial result,
// which a second dispatch reduces in a fixed order. One invocation a (chunk, o), neighbours in o.
// `sum4`, where the last axis is kept and has whole vec4s, counts K5, OUT and all strides in vec4s.

override OUT: u32;
override COUNT: u32;
override CHUNKS: u32;
override LENGTH: u32;
override SCALE: f32;
override K1: u32;
override K2: u32;
override K3: u32;
override K4: u32;
override K5: u32;
override P0: u32;
override P1: u32;
override P2: u32;
override P3: u32;
override P4: u32;
override P5: u32;
override R1: u32;
override R2: u32;
override R3: u32;
override R4: u32;
override R5: u32;
override Q0: u32;
override Q1: u32;
override Q2: u32;
override Q3: u32;
override Q4: u32;
override Q5: u32;

@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;
@group(0) @binding(0) var<storage, read> x4: array<vec4f>;
@group(0) @binding(1) var<storage, read_write> y4: array<vec4f>;
@group(0) @binding(1) var<storage, read_write> dx: array<f32>;
@group(0) @binding(2) var<storage, read> m: array<f32>;
@group(0) @binding(3) var<storage, read> count: array<f32>;
@group(0) @binding(4) var<storage, read> dy: array<f32>;

// Integers in the order of the numbers, with NaNs as the largest. Comparisons of a NaN itself are not to be relied on.
fn rank(v: f32) -> i32 {
  let bits = bitcast<i32>(v);
  let size = bits & 0x7fffffff;
  return select(select(size, -size, bits < 0), 0x7fffffff, size > 0x7f800000);
}

fn kept(o: u32) -> u32 {
  let i5 = o % K5;
  let r4 = o / K5;
  let i4 = r4 % K4;
  let r3 = r4 / K4;
  let i3 = r3 % K3;
  let r2 = r3 / K3;
  let i2 = r2 % K2;
  let r1 = r2 / K2;
  let i1 = r1 % K1;
  let i0 = r1 / K1;
  return i0 * P0 + i1 * P1 + i2 * P2 + i3 * P3 + i4 * P4 + i5 * P5;
}

fn reduced(r: u32) -> u32 {
  let i5 = r % R5;
  let r4 = r / R5;
  let i4 = r4 % R4;
  let r3 = r4 / R4;
  let i3 = r3 % R3;
  let r2 = r3 / R3;
  let i2 = r2 % R2;
  let r1 = r2 / R2;
  let i1 = r1 % R1;
  let i0 = r1 / R1;
  return i0 * Q0 + i1 * Q1 + i2 * Q2 + i3 * Q3 + i4 * Q4 + i5 * Q5;
}

// A sum in levels: runs of up to 8 terms, sums of 8 runs, of 64 and the rest. In one long row each term would be rounded to the
// whole total, and compensation is nothing to rely on: the language lets compilers undo it. Runs are added up in a loop of their
// own, which knows no levels: that is what costs least.
const RUN: u32 = 8u;

struct Sum { runs: u32, a: vec4f, b: vec4f, c: vec4f }

fn plus(sum: Sum, run: vec4f) -> Sum {
  var s = sum;
  s.runs += 1u;
  s.a += run;
  if (LENGTH > 8u * RUN && s.runs % 8u == 0u) {
    s.b += s.a;
    s.a = vec4f();
    if (s.runs % 64u == 0u) {
      s.c += s.b;
      s.b = vec4f();
    }
  }
  return s;
}

fn totalOf(s: Sum) -> vec4f { return (s.a + s.b) + s.c; }

@compute @workgroup_size(64)
fn sum(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  let i = (group.y * groups.x + group.x) * 64u + local;
  if (i >= OUT * CHUNKS) { return; }
  let base = kept(i % OUT);
  let begin = (i / OUT) * LENGTH;
  let end = min(begin + LENGTH, COUNT);
  var s = Sum();
  let whole = begin + (end - begin) / 4u * 4u;
  var r = begin;
  while (r < whole) {
    var run = vec4f();
    for (let stop = min(r + 4u * RUN, whole); r < stop; r += 4u) {
      run += vec4f(x[base + reduced(r)], x[base + reduced(r + 1u)], x[base + reduced(r + 2u)], x[base + reduced(r + 3u)]);
    }
    s = plus(s, run);
  }
  for (; r < end; r++) { s.a.x += x[base + reduced(r)]; }
  let total = totalOf(s);
  y[i] = SCALE * ((total.x + total.y) + (total.z + total.w));
}

@compute @workgroup_size(64)
fn sum4(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  let i = (group.y * groups.x + group.x) * 64u + local;
  if (i >= OUT * CHUNKS) { return; }
  let base = kept(i % OUT);
  let begin = (i / OUT) * LENGTH;
  var s = Sum();
  let end = min(begin + LENGTH, COUNT);
  for (var r = begin; r < end;) {
    var run = vec4f();
    for (let stop = min(r + RUN, end); r < stop; r++) { run += x4[base + reduced(r)]; }
    s = plus(s, run);
  }
  y4[i] = SCALE * totalOf(s);
}

@compute @workgroup_size(64)
fn maximum(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  let i = (group.y * groups.x + group.x) * 64u + local;
  if (i >= OUT * CHUNKS) { return; }
  let base = kept(i % OUT);
  let begin = (i / OUT) * LENGTH;
  // Chunks are never empty, so the first element is a value to start from.
  var largest = x[base + reduced(begin)];
  for (var r = begin + 1u; r < min(begin + LENGTH, COUNT); r++) {
    let value = x[base + reduced(r)];
    largest = select(largest, value, rank(value) > rank(largest));
  }
  y[i] = largest;
}

@compute @workgroup_size(64)
fn ties(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  let i = (group.y * groups.x + group.x) * 64u + local;
  if (i >= OUT * CHUNKS) { return; }
  let o = i % OUT;
  let base = kept(o);
  let begin = (i / OUT) * LENGTH;
  // Counted as u32: in f32, adding 1 stops at 2^24.
  var found = 0u;
  for (var r = begin; r < min(begin + LENGTH, COUNT); r++) {
    found += select(0u, 1u, rank(x[base + reduced(r)]) == rank(m[o]));
  }
  y[i] = f32(found);
}

@compute @workgroup_size(64)
fn share(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  let i = (group.y * groups.x + group.x) * 64u + local;
  if (i >= OUT * CHUNKS) { return; }
  let o = i % OUT;
  let base = kept(o);
  let begin = (i / OUT) * LENGTH;
  let part = dy[o] / count[o];
  for (var r = begin; r < min(begin + LENGTH, COUNT); r++) {
    let at = base + reduced(r);
    dx[at] = select(0.0, part, rank(x[at]) == rank(m[o]));
  }
}
