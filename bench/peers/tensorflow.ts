/** TensorFlow.js: a layers model, trained by Adam on the gradients of a loss on its logits. */
import * as tf from '@tensorflow/tfjs';
import '@tensorflow/tfjs-backend-webgpu';
import { type Batch, both, CLASSES, LEARNING_RATE, type SizedLayer } from '../batch.ts';
import type { Contender } from '../contender.ts';

/** @throws Error if the backend is not available */
export async function createTensorflow(
  backend: string,
  layers: readonly SizedLayer[],
  batch: Batch,
): Promise<Contender> {
  if (backend === 'webgl') allowSoftwareWebGl();
  if (!(await tf.setBackend(backend))) throw new Error(`TensorFlow.js has no backend ${backend} here`);
  await tf.ready();
  const model = tf.sequential({ layers: layers.map((layer, i) => build(layer, i === 0)) });
  model.setWeights(layers.flatMap(({ weights }) => weights.map(({ data, shape }) => tf.tensor(data, [...shape]))));
  // Its own default epsilon differs from backend to backend.
  const optimizer = tf.train.adam(LEARNING_RATE, 0.9, 0.999, 1e-7);
  const x = tf.tensor4d(batch.x.data, batch.x.shape as [number, number, number, number]);
  const y = tf.tensor1d(batch.y, 'int32');
  const targets = tf.oneHot(y, CLASSES);

  /** Submits a step. @returns loss and accuracy, on the device */
  const submit = () =>
    tf.tidy(() => {
      let accuracy: tf.Tensor | undefined;
      const { value, grads } = optimizer.computeGradients(() => {
        const logits = model.apply(x, { training: true }) as tf.Tensor2D;
        accuracy = tf.keep(tf.mean(tf.equal(tf.argMax(logits, 1), y)));
        return tf.losses.softmaxCrossEntropy(targets, logits) as tf.Scalar;
      });
      optimizer.applyGradients(grads as Parameters<typeof optimizer.applyGradients>[0]); // as its own minimize() does
      return [value, accuracy!] as const;
    });
  const finish = async ([loss, accuracy]: readonly tf.Tensor[]) => {
    const [value] = await Promise.all([loss!.data(), accuracy!.data()]);
    loss!.dispose();
    accuracy!.dispose();
    return value[0]!;
  };
  return {
    step: () => finish(submit()),
    async steps(count) {
      for (let i = 1; i < count; i++) for (const tensor of submit()) tensor.dispose();
      return finish(submit());
    },
    async predict() {
      const logits = tf.tidy(() => model.predictOnBatch(x)) as tf.Tensor;
      const data = await logits.data();
      logits.dispose();
      return data as Float32Array;
    },
    ...(backend === 'webgl'
      ? { memoryBytes: () => (tf.memory() as { numBytesInGPUAllocated?: number }).numBytesInGPUAllocated ?? 0 }
      : {}),
  };
}

/**
 * TensorFlow.js requests a WebGL context that is not slow, and a machine without a GPU has none. So it gets one that
 * was created here, with the attributes that TensorFlow.js uses otherwise.
 */
function allowSoftwareWebGl(): void {
  const context = document.createElement('canvas').getContext('webgl2', {
    alpha: false,
    antialias: false,
    premultipliedAlpha: false,
    preserveDrawingBuffer: false,
    depth: false,
    stencil: false,
    failIfMajorPerformanceCaveat: false,
  });
  if (context) tf.setWebGLContext(2, context);
}

function build({ type, options, input }: SizedLayer, first: boolean): tf.layers.Layer {
  const shape = first ? { inputShape: [...input] } : {};
  const activation = options.activation as 'relu' | undefined;
  const activated = activation ? { activation } : {};
  switch (type) {
    case 'conv2d': {
      const kernelSize = [...both(options.kernelSize!)] as [number, number];
      return tf.layers.conv2d({ ...shape, ...activated, filters: options.filters!, kernelSize });
    }
    case 'maxPool2d':
      return tf.layers.maxPooling2d({ ...shape, poolSize: [...both(options.poolSize!)] as [number, number] });
    case 'flatten':
      return tf.layers.flatten(shape);
    default:
      return tf.layers.dense({ ...shape, ...activated, units: options.units! });
  }
}
