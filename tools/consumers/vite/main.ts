import { DeviceError, requestDevice } from 'neurite';
import { type PresetName, presets } from 'neurite/brain';
import { layers, type RemoteModel, remote, sgd } from 'neurite/worker';
import { trained } from './trained.ts';

const name: PresetName = 'baseline';
console.log(`${presets[name]().length} layers`);

/** The page trains, then its worker, then a model in a worker of its own. */
async function main(): Promise<string> {
  try {
    const device = await requestDevice({ powerPreference: 'high-performance' });
    const here = await trained(device);
    device.destroy();
    const worker = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' });
    const there = await new Promise<string>((resolve, reject) => {
      worker.onmessage = ({ data }: MessageEvent<string>) => resolve(data);
      worker.onerror = ({ message }) => reject(new Error(message));
    });
    const model: RemoteModel = await remote([layers.dense({ inputShape: [1], units: 1 })]);
    await model.compile({ optimizer: sgd({ learningRate: 0.1 }), loss: 'meanSquaredError' });
    await model.fit([[0], [1], [2], [3]], [1, 3, 5, 7], { epochs: 200 });
    const remotely = `trained: ${(await model.predict([[4]])).data[0]?.toFixed(2)}`;
    model.dispose();
    const same = here === there && here === remotely;
    return same ? here : `${here} in the page, ${there} in its worker, ${remotely} by remote`;
  } catch (error) {
    if (!(error instanceof DeviceError)) throw error;
    return `DeviceError: ${error.message}`;
  }
}

main().then((result) => {
  document.title = result;
});
