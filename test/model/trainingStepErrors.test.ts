/** What training steps, and graphs of the caller's own, refuse: models that are not there, losses that are stale, inputs that do not fit. */
import { afterEach, describe, expect, test } from 'vitest';
import {
  ArgumentError,
  adam,
  add,
  gradients,
  graph,
  layers,
  type Model,
  mean,
  mul,
  type NeuriteError,
  relu,
  requestDevice,
  ShapeError,
  StateError,
  type StepBuilder,
  sequential,
  session,
  sgd,
  sgdUpdate,
  softmaxCrossEntropy,
  sum,
  type Tensor,
  trainingStep,
} from '../../src/index.ts';
import { testDevice } from '../support/device.ts';
import { bits } from '../support/toy.ts';

const ROWS = 2;
const x = Float32Array.of(1, 2, 3, 4);
const made: Model[] = [];
afterEach(() => {
  for (const model of made.splice(0)) model.dispose();
});

function dense(units = 1): Model {
  const model = sequential([layers.dense({ inputShape: [2], units })]);
  made.push(model);
  return model;
}

async function compiled(options: Parameters<Model['compile']>[0] = {}, model = dense()): Promise<Model> {
  await model.compile({ device: await testDevice(), optimizer: sgd(), tune: false, ...options });
  return model;
}

/** The mean of the squared outputs for the input x. */
function lossOf(model: Model, { graph: g }: Pick<StepBuilder, 'graph'>): Tensor {
  const y = model.apply(g.inputs[0] ?? g.input('x', [ROWS, 2]));
  return mean(mul(y, y));
}

const stepOf = (model: Model) =>
  trainingStep((step) => {
    const loss = lossOf(model, step);
    step.minimize({ model, loss });
    return { loss };
  });

type Refusal = new (...args: never[]) => NeuriteError;

/** Expects that a step is refused while it is built. */
async function refuses(type: Refusal, message: RegExp, build: (step: StepBuilder) => Record<string, Tensor>) {
  const error = await trainingStep(build).then(
    () => undefined,
    (reason) => reason,
  );
  expect(error).toBeInstanceOf(type);
  expect(error.message).toMatch(message);
}

async function refused(type: Refusal, message: RegExp, call: Promise<unknown>) {
  const error = await call.then(
    () => undefined,
    (reason) => reason,
  );
  expect(error).toBeInstanceOf(type);
  expect(error.message).toMatch(message);
}

describe('gradients', () => {
  const g = () => {
    const own = graph();
    const w = own.variable({ name: 'w', shape: [2, 2], dtype: 'f32' });
    return { own, w, input: own.input('x', [2, 2]), hyper: own.input('hyper', [4]) };
  };

  test('of what was computed before an update of a weight that they need are refused', () => {
    const { w, input, hyper } = g();
    const y = sum(mul(input, w));
    const [dw] = gradients(y, [w]);
    sgdUpdate(w, [], dw!, hyper);
    const refusal = /the gradient of mul(_1)? needs w, which is updated after mul(_1)? has read it/;
    expect(() => gradients(y, [input])).toThrow(refusal);
    // The gradient by the weight needs the input alone, and what is computed after the update has the new weight.
    gradients(y, [w]);
    const fresh = sum(mul(input, w));
    gradients(fresh, [input]);
    // Two paths, whose gradients are added: one of them is stale.
    expect(() => gradients(add(fresh, y), [input])).toThrow(refusal);
    expect(() => gradients(add(y, fresh), [input])).toThrow(refusal);
  });
});

describe('apply', () => {
  test('is refused before compile, after dispose, and for what does not fit', async () => {
    const g = graph();
    const input = g.input('x', [ROWS, 2]);
    const model = dense();
    expect(() => model.apply(input)).toThrow(StateError);
    await compiled({}, model);
    expect(() => model.apply(g.input('wide', [ROWS, 3]))).toThrow(/wide has shape \[2, 3\]; the model takes \[2\]/);
    expect(() => model.apply(g.input('whole', [ROWS, 2], 'i32'))).toThrow(ShapeError);
    expect(() => model.apply('x' as never)).toThrow(ArgumentError);
    expect(() => model.apply(input, { trainable: true } as never)).toThrow(/no option 'trainable'/);
    model.apply(input);
    model.dispose();
    expect(() => model.apply(input)).toThrow(/disposed/);
  });

  test('of dropout in training needs a seed', async () => {
    const model = sequential([layers.dropout({ inputShape: [2], rate: 0.5 })]);
    await compiled({}, model);
    made.push(model);
    const g = graph();
    const input = g.input('x', [ROWS, 2]);
    expect(() => model.apply(input, { training: true })).toThrow(/dropout or augmentation, which draw random numbers/);
    expect(model.apply(input)).toBe(input);
    const dropped = model.apply(input, { training: true, seed: g.input('seed', [1], 'u32') });
    expect(dropped.shape).toEqual([ROWS, 2]);
  });

  test('a session has the weights of the model, on its device alone, and as long as it exists', async () => {
    const device = await testDevice();
    const model = await compiled();
    const y = model.apply(graph().input('x', [ROWS, 2]));
    const other = await requestDevice();
    await refused(ArgumentError, /kernel belongs to a model on another device/, session(other, [y]));
    other.destroy();
    const own = await session(device, [y]);
    model.dispose();
    expect(() => own.run()).toThrow(StateError);
    own.destroy();
    await refused(StateError, /disposed/, session(device, [y]));
  });
});

describe('trainingStep', () => {
  test('is refused without outputs, updates or a function', async () => {
    const model = await compiled();
    await refused(ArgumentError, /build must be a function/, trainingStep(undefined as never));
    await refused(
      ArgumentError,
      /no option 'tune'/,
      trainingStep(() => ({}), { tune: true } as never),
    );
    await refuses(ArgumentError, /trains no model/, (step) => ({ loss: lossOf(model, step) }));
    await refuses(ArgumentError, /return what run\(\) shall read/, (step) => {
      step.minimize({ model, loss: lossOf(model, step) });
      return {};
    });
    await refuses(ArgumentError, /nothing that is computed uses the input spare/, (step) => {
      const loss = lossOf(model, step);
      step.graph.input('spare', [1]);
      step.minimize({ model, loss });
      return { loss };
    });
  });

  test('a loss is one number of the same graph that depends on the weights as they are', async () => {
    const model = await compiled();
    const other = await compiled({ seed: 1 });
    const minimizing = (loss: (step: StepBuilder) => Tensor) => (step: StepBuilder) => {
      const made = loss(step);
      step.minimize({ model, loss: made });
      return { made };
    };
    await refuses(
      ShapeError,
      /a loss is one f32 number, .* is f32 \[2, 1\]/,
      minimizing(({ graph: g }) => model.apply(g.input('x', [ROWS, 2]))),
    );
    await refuses(
      ArgumentError,
      /another graph/,
      minimizing(() => lossOf(model, { graph: graph() })),
    );
    await refuses(
      ArgumentError,
      /does not depend on dense\/kernel/,
      minimizing((step) => lossOf(other, step)),
    );
    await refuses(ArgumentError, /a model is there twice/, (step) => {
      const loss = lossOf(model, step);
      step.minimize({ model, loss }, { model, loss });
      return { loss };
    });
    // The second model sits on the first, whose new weights are not those of the loss.
    const top = await compiled({}, sequential([layers.dense({ inputShape: [1], units: 1 })]));
    made.push(top);
    await refuses(ArgumentError, /dense\/kernel, which is updated after/, (step) => {
      const y = top.apply(model.apply(step.graph.input('x', [ROWS, 2])));
      const loss = mean(mul(y, y));
      step.minimize({ model: top, loss });
      step.minimize({ model, loss });
      return { loss };
    });
  });

  test('models are compiled, on one device, with weights to train', async () => {
    const device = await testDevice();
    const bare = dense();
    const model = await compiled();
    await refuses(StateError, /call compile\(\) first/, (step) => {
      const loss = lossOf(model, step);
      step.minimize({ model: bare, loss });
      return { loss };
    });
    await refuses(ArgumentError, /model must be made by sequential/, (step) => {
      const loss = lossOf(model, step);
      step.minimize({ model: {} as Model, loss });
      return { loss };
    });
    const elsewhere = await compiled({ device: await requestDevice() });
    await refuses(ArgumentError, /on different devices/, (step) => {
      step.minimize({ model, loss: lossOf(model, step) }, { model: elsewhere, loss: lossOf(elsewhere, step) });
      return { x: step.graph.inputs[0]! };
    });
    elsewhere.compiled.device.destroy();
    const frozen = sequential([layers.dense({ inputShape: [2], units: 1, trainable: false })]);
    made.push(frozen);
    await compiled({ device }, frozen);
    await refuses(ArgumentError, /no trainable weights/, (step) => {
      const loss = lossOf(frozen, step);
      step.minimize({ model: frozen, loss });
      return { loss };
    });
  });

  test('run takes each input, by name, and of its type and length', async () => {
    const model = await compiled();
    const step = await stepOf(model);
    const before = await bits(model);
    await refused(ArgumentError, /input x has no values yet/, step.run());
    await refused(ArgumentError, /there is no input 'y'/, step.run({ x, y: x }));
    await refused(ArgumentError, /input x has 4 elements, got 2/, step.run({ x: x.slice(2) }));
    await refused(ArgumentError, /takes a Float32Array/, step.run({ x: Int32Array.of(1, 2, 3, 4) }));
    await refused(ArgumentError, /inputs must be an object/, step.run(x as never));
    expect(await bits(model)).toEqual(before);
    expect(model.iterations).toBe(0);
    await step.run({ x });
    await step.run();
    expect(model.iterations).toBe(2);
    step.dispose();
    step.dispose();
    await refused(StateError, /the step was disposed/, step.run());
  });

  test('run is refused while another call trains a model, after its dispose, a compile, or a change of trainable', async () => {
    const model = await compiled({ loss: 'meanSquaredError' });
    const step = await stepOf(model);
    const running = step.run({ x });
    await refused(StateError, /run: run is still running/, step.run());
    await refused(StateError, /fit: run is still running/, model.fit({ x: { data: x, shape: [2, 2] }, y: [1, 2] }));
    await running;
    model.layers[0]!.trainable = false;
    await refused(StateError, /layer 'dense' was frozen after compile/, step.run());
    model.layers[0]!.trainable = true;
    await model.compile({ recompile: true });
    await refused(StateError, /compiled again after the step was made/, step.run());
    const next = await stepOf(model);
    model.dispose();
    await refused(StateError, /disposed/, next.run({ x }));
    step.dispose();
    next.dispose();
  });

  test('the options of recovery are those that it takes', async () => {
    const model = await compiled();
    for (const recovery of [{ everySteps: 0 }, { store: {} }, { device: 1 }]) {
      const build = (step: StepBuilder) => {
        const loss = lossOf(model, step);
        step.minimize({ model, loss });
        return { loss };
      };
      await refused(ArgumentError, /trainingStep: recovery/, trainingStep(build, { recovery: recovery as never }));
    }
  });

  test('a step that one model cannot make counts for none', async () => {
    const [first, second] = [
      await compiled(),
      await compiled({ seed: 1, optimizer: adam({ learningRate: 3e38, beta1: 0.9999, beta2: 0.5 }) }),
    ];
    const step = await trainingStep((builder) => {
      const [a, b] = [lossOf(first, builder), lossOf(second, builder)];
      builder.minimize({ model: first, loss: a }, { model: second, loss: b });
      return { a, b };
    });
    const before = [await bits(first), await bits(second)];
    await refused(ArgumentError, /adam: with a learning rate of 3e\+38 step 1 is beyond float32/, step.run({ x }));
    expect([first.iterations, second.iterations]).toEqual([0, 0]);
    expect([await bits(first), await bits(second)]).toEqual(before);
    second.learningRate = 0.1;
    await step.run();
    expect([first.iterations, second.iterations]).toEqual([1, 1]);
    step.dispose();
  });
});

test('a model that is only applied is not trained, whatever its activations', async () => {
  const judge = await compiled(
    { seed: 4 },
    sequential([layers.dense({ inputShape: [1], units: 2, activation: 'relu' })]),
  );
  made.push(judge);
  const model = await compiled();
  const before = await bits(judge);
  const step = await trainingStep(({ graph: g, minimize }) => {
    const y = relu(judge.apply(model.apply(g.input('x', [ROWS, 2]))));
    const loss = mean(softmaxCrossEntropy(y, g.input('y', [ROWS], 'i32')));
    minimize({ model, loss });
    return { loss };
  });
  await step.run({ x, y: Int32Array.of(0, 1) });
  expect(await bits(judge)).toEqual(before);
  expect([model.iterations, judge.iterations]).toEqual([1, 0]);
  step.dispose();
});
