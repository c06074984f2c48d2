import { DataSection } from './data/section.tsx';
import { MachineSection } from './machine/section.tsx';
import { ModelSection } from './model/section.tsx';
import { NetworkSection } from './network/section.tsx';
import { TrainingSection } from './training/section.tsx';
import { Header } from './ui/header.tsx';
import { NoGpu } from './ui/noGpu.tsx';
import { Notices } from './ui/notices.tsx';
import { Transport } from './ui/transport.tsx';

export function App() {
  return (
    <>
      <Header />
      <main class="page">
        <header class="intro">
          <h1>Watch a brain classifier learn</h1>
          <p>
            Some of the pictures below show a mouse's cortex at work, seen through a microscope. The others were made up
            by a generative network. Here a convolutional network learns to tell them apart: in this page, on your own
            GPU. Press <strong>Start</strong>, then scroll on and look inside while it learns.
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
        </footer>
      </main>
      <Notices />
      <Transport />
    </>
  );
}
