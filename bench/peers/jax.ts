/**
 * jax-js: the whole step, gradients and Adam's update, as one jit-compiled function. Its images are NCHW, its filters
 * OIHW.
 */
import { defaultDevice, init, jit, lax, nn, numpy as np, tree, valueAndGrad } from '@jax-js/jax';
import { type Batch, both, CLASSES, LEARNING_RATE, type SizedLayer, type WeightData } from '../batch.ts';
import type { Contender } from '../contender.ts';

/** A type alias and not an interface, because the types of jax-js require it. */
type State = { weights: np.Array[]; m: np.Array[]; v: np.Array[] };

const [BETA1, BETA2, EPSILON] = [0.9, 0.999, 1e-7];

/** @throws Error if the backend is not available */
export async function createJax(backend: string, layers: readonly SizedLayer[], batch: Batch): Promise<Contender> {
  const device = backend as 'webgpu' | 'wasm';
  if (!(await init(device)).includes(device)) throw new Error(`jax-js has no backend ${backend} here`);
  defaultDevice(device);
  const weights = layers.flatMap((layer, i) => laidOut(layer, layers[i - 2], layers[i - 1]));
  const zeros = () => weights.map(({ shape }) => np.zeros([...shape]));
  let state: State = { weights: weights.map(toArray), m: zeros(), v: zeros() };
  const [height, width, channels] = layers[0]!.input as [number, number, number];
  if (channels !== 1) throw new Error('bench: a batch of several channels must be transposed for jax-js');
  const x = np.array(batch.x.data).reshape([batch.y.length, 1, height, width]);
  const labels = np.array(batch.y, { dtype: np.int32 });
  const targets = nn.oneHot(labels.ref, CLASSES);

  const objective = (
    params: np.Array[],
    images: np.Array,
    wanted: np.Array,
    classes: np.Array,
  ): [np.Array, np.Array] => {
    const logits = forward(layers, params, images);
    const right = np.argmax(logits.ref, 1).equal(classes).astype(np.float32);
    const loss = nn.logSoftmax(logits, 1).mul(wanted).sum(1).mean().neg();
    return [loss, right.mean()];
  };
  const train = jit((before: State, rate: np.Array, images: np.Array, wanted: np.Array, classes: np.Array) => {
    const differentiate = valueAndGrad(objective, { hasAux: true });
    const [[loss, accuracy], gradients] = differentiate(tree.ref(before.weights), images, wanted, classes) as [
      [np.Array, np.Array],
      np.Array[],
    ];
    const after: State = { weights: [], m: [], v: [] };
    gradients.forEach((gradient, i) => {
      const m = before.m[i]!.mul(BETA1).add(gradient.ref.mul(1 - BETA1));
      const v = before.v[i]!.mul(BETA2).add(np.square(gradient).mul(1 - BETA2));
      after.weights.push(before.weights[i]!.sub(rate.ref.mul(m.ref).div(np.sqrt(v.ref).add(EPSILON))));
      after.m.push(m);
      after.v.push(v);
    });
    rate.dispose();
    return { after, loss, accuracy };
  });
  const infer = jit((params: np.Array[], images: np.Array) => forward(layers, params, images));

  let iteration = 0;
  const submit = () => {
    iteration++;
    const rate = (LEARNING_RATE * Math.sqrt(1 - BETA2 ** iteration)) / (1 - BETA1 ** iteration);
    const { after, loss, accuracy } = train(state, np.array(rate), x.ref, targets.ref, labels.ref);
    state = after;
    return { loss, accuracy };
  };
  const finish = async ({ loss, accuracy }: ReturnType<typeof submit>) => {
    const [value] = await Promise.all([loss.data(), accuracy.data()]);
    return value[0]!;
  };
  return {
    step: () => finish(submit()),
    async steps(count) {
      for (let i = 1; i < count; i++) tree.dispose(submit());
      return finish(submit());
    },
    predict: async () => (await infer(tree.ref(state.weights), x.ref).data()) as Float32Array,
  };
}

/** Consumes its arguments, as functions do in jax-js. */
function forward(layers: readonly SizedLayer[], params: np.Array[], images: np.Array): np.Array {
  let next = 0;
  return layers.reduce((x, { type, options, output }) => {
    const activate = (y: np.Array) => (options.activation === 'relu' ? nn.relu(y) : y);
    switch (type) {
      case 'conv2d': {
        const [w, b] = [params[next++]!, params[next++]!];
        return activate(lax.conv(x, w, [1, 1], 'VALID').add(b.reshape([output[2]!, 1, 1])));
      }
      case 'maxPool2d': {
        const size = [...both(options.poolSize!)];
        return lax.reduceWindow(x, np.max, size, size);
      }
      case 'flatten':
        return x.reshape([-1, output[0]!]);
      default: {
        const [w, b] = [params[next++]!, params[next++]!];
        return activate(np.matmul(x, w).add(b));
      }
    }
  }, images);
}

/** Weights in jax-js' order: OIHW filters, and a dense layer's rows as flattening `[c, h, w]` has them. */
function laidOut(
  { type, weights }: SizedLayer,
  beforeLast: SizedLayer | undefined,
  last: SizedLayer | undefined,
): WeightData[] {
  const [kernel, ...rest] = weights;
  if (!kernel) return [];
  if (type === 'conv2d') return [transposed(kernel, [3, 2, 0, 1]), ...rest];
  if (last?.type !== 'flatten' || beforeLast?.output.length !== 3) return [...weights];
  const units = kernel.shape[1]!;
  const rows = transposed({ data: kernel.data, shape: [...beforeLast.output, units] }, [2, 0, 1, 3]);
  return [{ data: rows.data, shape: kernel.shape }, ...rest];
}

/** As NumPy's transpose: axis i of the result is axis `axes[i]` of the weight. */
function transposed({ data, shape }: WeightData, axes: readonly number[]): WeightData {
  const stride = shape.map((_, axis) => shape.slice(axis + 1).reduce((product, size) => product * size, 1));
  const target = axes.map((axis) => shape[axis]!);
  const result = new Float32Array(data.length).map((_, flat) => {
    let [rest, source] = [flat, 0];
    for (let i = axes.length - 1; i >= 0; i--) {
      source += (rest % target[i]!) * stride[axes[i]!]!;
      rest = Math.floor(rest / target[i]!);
    }
    return data[source]!;
  });
  return { data: result, shape: target };
}

function toArray({ data, shape }: WeightData): np.Array {
  return np.array(data).reshape([...shape]);
}
