/**
 * Learns y = 2 x + 1 and says what it gives for 4, or what is missing. Each consumer runs this text: as a module, as CommonJS or
 * as a classic script, which project.ts makes of it.
 */
export async function train(neurite, gpu) {
  const { DeviceError, layers, requestDevice, sequential, sgd } = neurite;
  try {
    const device = await requestDevice(gpu ? { gpu } : {});
    const model = sequential([layers.dense({ inputShape: [1], units: 1 })]);
    await model.compile({ device, optimizer: sgd({ learningRate: 0.1 }), loss: 'meanSquaredError' });
    const x = { data: new Float32Array([0, 1, 2, 3]), shape: [4, 1] };
    const y = { data: new Float32Array([1, 3, 5, 7]), shape: [4, 1] };
    await model.fit({ x, y }, { epochs: 200 });
    const { data } = await model.predict({ data: new Float32Array([4]), shape: [1, 1] });
    model.dispose();
    device.destroy();
    return `trained: ${data[0].toFixed(2)}`;
  } catch (error) {
    if (!(error instanceof DeviceError)) throw error;
    return `DeviceError: ${error.message}`;
  }
}
