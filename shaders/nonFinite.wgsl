// nonFinite: the first of several tensors that holds an infinity or a NaN, and its first such element.
// check:  part p of tensor xj looks at the elements i = p, p + its parts, p + 2 of its parts, .. of xj. Where one of them is not
//   finite, flags[2 q] = NUMBER + j + 1 and flags[2 q + 1] = 2 (i + 1), plus 1 if it is a NaN, for the first of them; else both are 0.
//   q counts the parts of all tensors, from OFFSET.
// finish: state = (the smallest of these pairs, 0), unless state[0] or state[2] was set before;
//   scaling = (a, b), with SCALED those of scaling_saved, else (1, 1); b = 0 where state[0] is set.
// xj: [Nj], any shape, flat, with the parts E(j-1) to Ej; what is left over is bound to x0, with no parts. flags: [2 FLAGS];
// state: [3]; scaling, scaling_saved: [2]; without SCALED, scaling_saved is bound to flags and not read.
// Check: one invocation a part, neighbours reading neighbours; grid folded. Finish: one workgroup.

override N0: u32 = 0u;
override N1: u32 = 0u;
override N2: u32 = 0u;
override N3: u32 = 0u;
override N4: u32 = 0u;
override N5: u32 = 0u;
override N6: u32 = 0u;
override E0: u32 = 0u;
override E1: u32 = 0u;
override E2: u32 = 0u;
override E3: u32 = 0u;
override E4: u32 = 0u;
override E5: u32 = 0u;
override E6: u32 = 0u;
override OFFSET: u32 = 0u;
override NUMBER: u32 = 0u;
override FLAGS: u32 = 1u;
override SCALED: bool = false;

@group(0) @binding(0) var<storage, read> x0: array<f32>;
@group(0) @binding(1) var<storage, read> x1: array<f32>;
@group(0) @binding(2) var<storage, read> x2: array<f32>;
@group(0) @binding(3) var<storage, read> x3: array<f32>;
@group(0) @binding(4) var<storage, read> x4: array<f32>;
@group(0) @binding(5) var<storage, read> x5: array<f32>;
@group(0) @binding(6) var<storage, read> x6: array<f32>;
@group(0) @binding(7) var<storage, read_write> flags: array<u32>;
@group(0) @binding(0) var<storage, read> flags_saved: array<u32>;
@group(0) @binding(1) var<storage, read> scaling_saved: array<f32>;
@group(0) @binding(2) var<storage, read_write> state: array<u32>;
@group(0) @binding(3) var<storage, read_write> scaling: array<f32>;

var<workgroup> numbers: array<u32, 64>;
var<workgroup> places: array<u32, 64>;

// By its bits: comparisons with a NaN are not to be relied on.
fn placeOf(x: f32, i: u32) -> u32 {
  let bits = bitcast<u32>(x);
  if ((bits & 0x7f800000u) != 0x7f800000u) { return 0u; }
  return 2u * (i + 1u) + select(0u, 1u, (bits & 0x007fffffu) != 0u);
}

@compute @workgroup_size(64)
fn check(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  let p = (group.y * groups.x + group.x) * 64u + local;
  if (p >= E6) { return; }
  var place = 0u;
  var j = 0u;
  if (p < E0) {
    for (var i = p; i < N0 && place == 0u; i += E0) { place = placeOf(x0[i], i); }
  } else if (p < E1) {
    j = 1u;
    for (var i = p - E0; i < N1 && place == 0u; i += E1 - E0) { place = placeOf(x1[i], i); }
  } else if (p < E2) {
    j = 2u;
    for (var i = p - E1; i < N2 && place == 0u; i += E2 - E1) { place = placeOf(x2[i], i); }
  } else if (p < E3) {
    j = 3u;
    for (var i = p - E2; i < N3 && place == 0u; i += E3 - E2) { place = placeOf(x3[i], i); }
  } else if (p < E4) {
    j = 4u;
    for (var i = p - E3; i < N4 && place == 0u; i += E4 - E3) { place = placeOf(x4[i], i); }
  } else if (p < E5) {
    j = 5u;
    for (var i = p - E4; i < N5 && place == 0u; i += E5 - E4) { place = placeOf(x5[i], i); }
  } else {
    j = 6u;
    for (var i = p - E5; i < N6 && place == 0u; i += E6 - E5) { place = placeOf(x6[i], i); }
  }
  let q = 2u * (OFFSET + p);
  flags[q] = select(0u, NUMBER + j + 1u, place != 0u);
  flags[q + 1u] = place;
}

// Whether a is the smaller number; 0 is none.
fn isBefore(a: u32, b: u32) -> bool {
  return a != 0u && (b == 0u || a < b);
}

@compute @workgroup_size(64)
fn finish(@builtin(local_invocation_index) local: u32) {
  var number = 0u;
  var place = 0u;
  for (var q = local; q < FLAGS; q += 64u) {
    let n = flags_saved[2u * q];
    let i = flags_saved[2u * q + 1u];
    if (isBefore(n, number) || (n == number && i < place)) {
      number = n;
      place = i;
    }
  }
  numbers[local] = number;
  places[local] = place;
  workgroupBarrier();
  if (local != 0u) { return; }
  for (var k = 1u; k < 64u; k++) {
    if (isBefore(numbers[k], number) || (numbers[k] == number && places[k] < place)) {
      number = numbers[k];
      place = places[k];
    }
  }
  if (number != 0u && state[0] == 0u && state[2] == 0u) {
    state[0] = number;
    state[1] = place;
  }
  var given = vec2f(1.0);
  if (SCALED) { given = vec2f(scaling_saved[0], scaling_saved[1]); }
  scaling[0] = given.x;
  scaling[1] = select(given.y, 0.0, state[0] != 0u);
}
