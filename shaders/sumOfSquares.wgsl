// sumOfSquares: y[p] = sum over i = p, p + PARTS, p + 2 PARTS, .. of |x_i|^2, the x_i being vec4s: PARTS partial sums, which a
// sum reduces further;  dx_i = 2 x_i dy[i % PARTS].
// x, dx: any shape, flat, as vec4, N of them, of which the last has TAIL elements (1 to 4); y, dy: [PARTS].
// Forward: one invocation a part, so that neighbours read neighbours. Backward: one invocation a vec4. Grids folded.

override N: u32;
override TAIL: u32;
override PARTS: u32;

@group(0) @binding(0) var<storage, read> x: array<vec4f>;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;
@group(0) @binding(2) var<storage, read> dy: array<f32>;
@group(0) @binding(3) var<storage, read_write> dx: array<vec4f>;

// A sum in levels: single terms, sums of 8 terms, of 64 and of 512. In one long row each term would be rounded to the whole
// total, and compensation is nothing to rely on: the language lets compilers undo it.
struct Sum { n: u32, a: vec4f, b: vec4f, c: vec4f, d: vec4f }

fn plus(sum: Sum, term: vec4f) -> Sum {
  var s = sum;
  s.n += 1u;
  s.a += term;
  if (N > 8u * PARTS && s.n % 8u == 0u) {
    s.b += s.a;
    s.a = vec4f();
    if (s.n % 64u == 0u) {
      s.c += s.b;
      s.b = vec4f();
      if (s.n % 512u == 0u) {
        s.d += s.c;
        s.c = vec4f();
      }
    }
  }
  return s;
}

fn totalOf(s: Sum) -> vec4f { return ((s.a + s.b) + s.c) + s.d; }

@compute @workgroup_size(64)
fn forward(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  let part = (group.y * groups.x + group.x) * 64u + local;
  if (part >= PARTS) { return; }
  var s = Sum();
  for (var i = part; i < N - 1u; i += PARTS) {
    s = plus(s, x[i] * x[i]);
  }
  if (part == (N - 1u) % PARTS) {
    // What lies behind the last element is undefined.
    let last = select(vec4f(0.0), x[N - 1u], vec4u(0u, 1u, 2u, 3u) < vec4u(TAIL));
    s = plus(s, last * last);
  }
  let total = totalOf(s);
  y[part] = (total.x + total.y) + (total.z + total.w);
}

@compute @workgroup_size(64)
fn backward(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  let i = (group.y * groups.x + group.x) * 64u + local;
  if (i >= N) { return; }
  dx[i] = 2.0 * x[i] * dy[i % PARTS];
}
