/** An op of the user's own: its numbers, its gradient, what its methods are given, and how it stands among the engine's ops. */
import { expect, test } from 'vitest';
import { applyOp, gradients, graph, mul, type Op, plan, session, sum, type Tensor } from '../../src/index.ts';
import { testDevice } from '../support/device.ts';

const source = `
override N: u32;
override FACTOR: f32;
@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read> dy: array<f32>;
@group(0) @binding(2) var<storage, read_write> y: array<f32>;
@group(0) @binding(3) var<storage, read_write> dx: array<f32>;
@compute @workgroup_size(64)
fn forward(@builtin(global_invocation_id) id: vec3u) {
  if (id.x < N) { y[id.x] = FACTOR * x[id.x] * x[id.x] * x[id.x]; }
}
@compute @workgroup_size(64)
fn backward(@builtin(global_invocation_id) id: vec3u) {
  if (id.x < N) { dx[id.x] = 3.0 * FACTOR * x[id.x] * x[id.x] * dy[id.x]; }
}`;

interface Attributes {
  readonly factor: number;
}

const launch = (entryPoint: string, reads: Record<string, Tensor>, writes: Record<string, Tensor>, factor: number) =>
  [
    {
      shader: { name: 'cube', source },
      entryPoint,
      constants: { N: 5, FACTOR: factor },
      reads,
      writes,
      workgroups: [1, 1, 1],
    },
  ] as const;

const cubeGradient: Op<Attributes> = {
  name: 'cubeGradient',
  outputs: ([x]) => [{ shape: x!.shape }],
  dispatches: ({ inputs: [x, dy], outputs: [dx], attributes }) =>
    launch('backward', { x: x!, dy: dy! }, { dx: dx! }, attributes.factor),
};

const cubeOp: Op<Attributes> = {
  name: 'cube',
  outputs: ([x]) => [{ shape: x!.shape }],
  dispatches: ({ inputs: [x], outputs: [y], attributes }) => launch('forward', { x: x! }, { y: y! }, attributes.factor),
  backward: ({ inputs: [x], attributes }, [dy]) => applyOp(cubeGradient, [x!, dy!], attributes),
};

test('its numbers and those of its gradient, for a gradient that is not one', async () => {
  const g = graph();
  const [x, upstream] = [g.input('x', [5]), g.input('upstream', [5])];
  const [y] = applyOp(cubeOp, [x], { factor: 2 });
  const [dx] = gradients(sum(mul(y!, upstream)), [x]);
  const run = await session(await testDevice(), [y!, dx!]);
  run.write(x, Float32Array.of(-2, -1, 0, 1, 3));
  run.write(upstream, Float32Array.of(1, 2, 3, 4, 5));
  run.run();
  // Small integers, which float32 holds.
  expect([...(await run.read(y!))]).toEqual([-16, -2, 0, 2, 54]);
  expect([...(await run.read(dx!))]).toEqual([24, 12, 0, 24, 270]);
  run.destroy();
});

test('it stands in a plan by its name, and is left out where nothing needs it', () => {
  const g = graph();
  const x = g.input('x', [5]);
  const [used] = applyOp(cubeOp, [x], { factor: 2 });
  applyOp(cubeOp, [x], { factor: 3 });
  expect(plan(g, [used!]).dispatches.map(({ shader, constants }) => [shader.name, constants.FACTOR])).toEqual([
    ['cube', 2],
  ]);
});
