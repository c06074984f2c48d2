/** The engine. It trains when the page says so, and sends what it has. */
import { adam, layers, requestDevice, sequential } from 'neurite';
import { EPOCHS, GRID, type News, type Order } from './protocol.ts';

const tell = (news: News, transfer: Transferable[] = []) => postMessage(news, { transfer });
const device = requestDevice();
device.catch(() => {}); // each training says so
let run = new AbortController();
let ended = Promise.resolve();

addEventListener('message', ({ data: order }: MessageEvent<Order>) => {
  run.abort();
  if (order.type === 'stop') return;
  run = new AbortController();
  const { signal } = run;
  ended = ended
    .then(() => train(order, signal))
    .catch((error) => tell({ type: 'failed', message: error instanceof Error ? error.message : String(error) }));
});

const places = {
  data: Float32Array.from({ length: 2 * GRID * GRID }, (_, k) => {
    const place = k >> 1;
    return (2 * (k % 2 ? Math.floor(place / GRID) : place % GRID) + 1) / GRID - 1;
  }),
  shape: [GRID * GRID, 2],
};

async function train({ x, y }: Extract<Order, { type: 'train' }>, signal: AbortSignal): Promise<void> {
  const model = sequential([
    layers.dense({ inputShape: [2], units: 32, activation: 'relu', kernelInitializer: 'heUniform' }),
    layers.dense({ units: 32, activation: 'relu', kernelInitializer: 'heUniform' }),
    layers.dense({ units: 2 }),
  ]);
  try {
    await model.compile({
      device: await device,
      optimizer: adam({ learningRate: 0.01 }),
      loss: 'sparseCategoricalCrossentropy',
      metrics: ['accuracy'],
      labels: ['outside', 'on the ring'],
      onProgress: (done, all) => tell({ type: 'compiled', done, all }),
    });
    await model
      .fit(
        { x, y },
        {
          epochs: EPOCHS,
          signal,
          callbacks: {
            async onEpochEnd(epoch, { accuracy = 0 }) {
              const { data } = await model.predict(places, { batchSize: GRID * GRID, as: 'probabilities' });
              const map = Float32Array.from({ length: GRID * GRID }, (_, place) => data[2 * place + 1]!);
              tell({ type: 'epoch', epoch, accuracy, map }, [map.buffer]); // handed over, not copied
            },
          },
        },
      )
      .catch((error) => {
        if (!signal.aborted) throw error;
      });
    // A model is of its thread. Its file is not.
    const file = await model.save();
    tell({ type: 'ended', stopped: signal.aborted, file }, [file.buffer]);
  } finally {
    model.dispose();
  }
}
