// The adapter's arithmetic ceiling: chains of y = y * a + b that touch no memory until their end.
// a, b are read, so that no compiler computes the chains; the chains are independent, so that each can start before the one
// before it has ended. How many the adapter likes best is found by trying: entry points by their number of vec4 chains.
// seed [2]: a, b. y4 [INVOCATIONS]: one vec4 an invocation. Dispatch: INVOCATIONS / 64 workgroups.

override INVOCATIONS: u32;
override ROUNDS: u32;

@group(0) @binding(0) var<storage, read> seed: array<f32>;
@group(0) @binding(1) var<storage, read_write> y4: array<vec4f>;

const UNROLLED = 8u;

@compute @workgroup_size(64)
fn chains1(@builtin(global_invocation_id) id: vec3u) {
  let a = vec4f(seed[0]);
  let b = vec4f(seed[1]);
  var p = vec4f(f32(id.x));
  for (var round = 0u; round < ROUNDS; round++) {
    for (var i = 0u; i < UNROLLED; i++) {
      p = fma(p, a, b);
    }
  }
  y4[id.x] = p;
}

@compute @workgroup_size(64)
fn chains2(@builtin(global_invocation_id) id: vec3u) {
  let a = vec4f(seed[0]);
  let b = vec4f(seed[1]);
  var p = vec4f(f32(id.x));
  var q = p + 1.0;
  for (var round = 0u; round < ROUNDS; round++) {
    for (var i = 0u; i < UNROLLED; i++) {
      p = fma(p, a, b);
      q = fma(q, a, b);
    }
  }
  y4[id.x] = p + q;
}

@compute @workgroup_size(64)
fn chains4(@builtin(global_invocation_id) id: vec3u) {
  let a = vec4f(seed[0]);
  let b = vec4f(seed[1]);
  var p = vec4f(f32(id.x));
  var q = p + 1.0;
  var r = p + 2.0;
  var s = p + 3.0;
  for (var round = 0u; round < ROUNDS; round++) {
    for (var i = 0u; i < UNROLLED; i++) {
      p = fma(p, a, b);
      q = fma(q, a, b);
      r = fma(r, a, b);
      s = fma(s, a, b);
    }
  }
  y4[id.x] = p + q + r + s;
}

// The same without the built-in, which some software adapters compute by a slow, exactly rounded function.
@compute @workgroup_size(64)
fn plain4(@builtin(global_invocation_id) id: vec3u) {
  let a = vec4f(seed[0]);
  let b = vec4f(seed[1]);
  var p = vec4f(f32(id.x));
  var q = p + 1.0;
  var r = p + 2.0;
  var s = p + 3.0;
  for (var round = 0u; round < ROUNDS; round++) {
    for (var i = 0u; i < UNROLLED; i++) {
      p = p * a + b;
      q = q * a + b;
      r = r * a + b;
      s = s * a + b;
    }
  }
  y4[id.x] = p + q + r + s;
}
