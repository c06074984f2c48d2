import { adam, DeviceError, layers, remote } from 'neurite/worker';

/**
 * Learns y = 2 x + 1 in a worker and says what it gives for 4, or what is missing. Each bundler builds this module, and the worker's code.
 * @param options what `remote` is given: bundlers that do not know workers need one
 */
export async function trainRemote(options) {
  try {
    const model = await remote([layers.dense({ inputShape: [1], units: 1 })], options);
    await model.compile({ optimizer: adam({ learningRate: 0.1 }), loss: 'meanSquaredError' });
    let epochs = 0;
    const onEpochEnd = () => void epochs++;
    await model.fit([[0], [1], [2], [3]], [1, 3, 5, 7], { epochs: 200, callbacks: { onEpochEnd } });
    const { data } = await model.predict([[4]]);
    model.dispose();
    return epochs === 200 ? `trained: ${data[0].toFixed(2)}` : `${epochs} epochs were heard of`;
  } catch (error) {
    if (!(error instanceof DeviceError)) throw error;
    return `DeviceError: ${error.message}`;
  }
}
