import { DeviceError, requestDevice } from 'neurite';
import { type PresetName, presets } from 'neurite/brain';
import { trained } from './trained.ts';

const name: PresetName = 'baseline';
console.log(`${presets[name]().length} layers`);

/** The page trains, and then its worker. */
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
    return here === there ? here : `${here} in the page, ${there} in its worker`;
  } catch (error) {
    if (!(error instanceof DeviceError)) throw error;
    return `DeviceError: ${error.message}`;
  }
}

main().then((result) => {
  document.title = result;
});
