/** Trains the playground's network on the GPU, by the engine's `fit`. */
import { adamw, type Dataset, type Device, layers, sequential } from 'neurite';
import { type Array64, array64 } from '../../lesson/reference/array64.ts';
import { BATCH, POINTS, type Setup } from './setup.ts';
import { orderOf, type Trainer } from './trainer.ts';

const floats = ({ data, shape }: Array64) => ({ data: Float32Array.from(data), shape });

/** @throws DeviceError from its methods once the device is lost */
export async function trainOnGpu(device: Device, setup: Setup): Promise<Trainer> {
  const { settings, train, test, network } = setup;
  const inputs = settings.features.length;
  const model = sequential(
    network.map(({ b, activation }, i) =>
      layers.dense({ units: b.data.length, activation, ...(i === 0 ? { inputShape: [inputs] } : {}) }),
    ),
  );
  await model.compile({
    device,
    optimizer: adamw({ learningRate: settings.rate, weightDecay: settings.decay }),
    loss: setup.loss === 'binary' ? 'binaryCrossentropy' : 'meanSquaredError',
    tune: false, // so small a network gains nothing by it, and the first step would wait
  });
  await model.setWeights(network.flatMap(({ w, b }) => [floats(w), floats(b)]));
  const [x, grid] = [floats(train.x), floats(setup.grid)];
  const targets = (y: Float64Array) => ({ data: Float32Array.from(y), shape: [POINTS, 1] });
  const y = targets(train.y);
  const [ofTrain, ofTest] = [
    { x, y },
    { x: floats(test.x), y: targets(test.y) },
  ];
  const order = orderOf(setup);
  let step = setup.step;

  /** The batches that come next, as an epoch of their own. */
  const next = (steps: number): Dataset => {
    const rows = order.next(steps);
    return {
      size: rows.length,
      xShape: [inputs],
      read(indices, toX, toY) {
        indices.forEach((index, i) => {
          const row = rows[index]!;
          toX.set(x.data.subarray(row * inputs, (row + 1) * inputs), i * inputs);
          if (toY) toY[i] = y.data[row]!;
        });
      },
    };
  };

  return {
    async train(steps) {
      await model.fit(next(steps), { batchSize: BATCH, shuffle: false, recovery: false });
      step += steps;
    },
    async look() {
      const [onTrain, onTest, inside, weights] = await Promise.all([
        model.evaluate(ofTrain, { batchSize: POINTS }),
        model.evaluate(ofTest, { batchSize: POINTS }),
        model.inspect(grid),
        model.getWeights(),
      ]);
      return {
        step,
        trainLoss: onTrain.loss!,
        testLoss: onTest.loss!,
        network: network.map(({ activation }, i) => {
          const [w, b] = [weights[2 * i]!, weights[2 * i + 1]!];
          return { w: array64(w.data, w.shape), b: array64(b.data, b.shape), activation };
        }),
        maps: inside.layers.map(({ output }) => output.data),
      };
    },
    setRate(rate) {
      model.learningRate = rate;
    },
    dispose: () => model.dispose(),
  };
}
