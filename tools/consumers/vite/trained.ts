import { type Device, layers, type Model, sequential, sgd, type TensorData } from 'neurite';

/** Learns y = 2 x + 1. */
export async function trained(device: Device): Promise<string> {
  const model: Model = sequential([layers.dense({ inputShape: [1], units: 1 })]);
  await model.compile({ device, optimizer: sgd({ learningRate: 0.1 }), loss: 'meanSquaredError' });
  const x: TensorData = { data: new Float32Array([0, 1, 2, 3]), shape: [4, 1] };
  const y: TensorData = { data: new Float32Array([1, 3, 5, 7]), shape: [4, 1] };
  await model.fit({ x, y }, { epochs: 200 });
  const { data } = await model.predict({ data: new Float32Array([4]), shape: [1, 1] });
  model.dispose();
  return `trained: ${data[0]?.toFixed(2)}`;
}
