import { layers, sequential } from 'neurite';
import { Training } from './training.jsx';

/** Made on the server, where there is no WebGPU: what needs no device works. */
export default function Page() {
  const model = sequential([layers.dense({ inputShape: [1], units: 1 })]);
  return (
    <main>
      <pre>{model.summary()}</pre>
      <Training />
    </main>
  );
}
