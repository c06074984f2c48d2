import { Header } from './frame/header.tsx';
import { NoGpu } from './frame/noGpu.tsx';
import { Notices } from './frame/notices.tsx';
import { Transport } from './frame/transport.tsx';
import { DataSection } from './sections/data/section.tsx';
import { MachineSection } from './sections/machine/section.tsx';
import { ModelSection } from './sections/model/section.tsx';
import { NetworkSection } from './sections/network/section.tsx';
import { TrainingSection } from './sections/training/section.tsx';

export function App() {
  return (
    <>
      <Header />
      <main class="page">
        <header class="intro">
          <h1>Watch a brain classifier learn</h1>
          <p>
            Half of the pictures below look as a mouse's cortex does when a camera watches it at work, the other half as
            a generative network makes such pictures up. Here a convolutional network learns to tell the two apart: in
            this page, on your own GPU. Press <strong>Start</strong>, then scroll on and look inside while it learns.
          </p>
        </header>
        <NoGpu />
        <DataSection />
        <ModelSection />
        <TrainingSection />
        <NetworkSection />
        <MachineSection />
        <footer class="foot">
          <p>
            neurite is a neural-network engine for web pages, in plain WGSL and TypeScript. Nothing leaves this machine:
            images, networks and results stay in the page.
          </p>
          {import.meta.env.PROD && (
            <p>
              <a href="docs/index.html">Documentation</a>
            </p>
          )}
        </footer>
      </main>
      <Notices />
      <Transport />
    </>
  );
}
