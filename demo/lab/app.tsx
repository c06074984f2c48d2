import { Foot } from '../frame/foot.tsx';
import { Header } from '../frame/header.tsx';
import { MachineChip } from '../frame/machineChip.tsx';
import { NoGpu } from '../frame/noGpu.tsx';
import { Notices } from '../frame/notices.tsx';
import { addressOf } from '../frame/pages.ts';
import { machine } from './client.ts';
import { Transport } from './frame/transport.tsx';
import { UnfinishedOffer } from './frame/unfinishedOffer.tsx';
import { settingsLink } from './link.ts';
import { DataSection } from './sections/data/section.tsx';
import { ModelSection } from './sections/model/section.tsx';
import { NetworkSection } from './sections/network/section.tsx';
import { TrainingSection } from './sections/training/section.tsx';
import { currentSettings } from './state/settings.ts';

const SECTIONS = [
  ['data', 'Data'],
  ['model', 'Model'],
  ['training', 'Training'],
  ['network', 'Inside the network'],
] as const;

export function App() {
  return (
    <>
      <Header page="lab">
        <MachineChip machine={machine.value} />
        <nav class="sections" aria-label="Sections">
          {SECTIONS.map(([id, title]) => (
            <a key={id} href={`#${id}`}>
              {title}
            </a>
          ))}
        </nav>
      </Header>
      <main class="page">
        <header class="intro">
          <h1>Watch a brain classifier learn</h1>
          <p>
            Half of the pictures below look as a mouse's cortex does when a camera watches it at work, the other half as
            a generative network makes such pictures up. Here a convolutional network learns to tell the two apart: in
            this page, on your own GPU. Press <strong>Start</strong>, then scroll on and look inside while it learns.
          </p>
        </header>
        <NoGpu machine={machine.value}>
          You can still look at the images and try to tell real from fake, and build a network in the editor.
        </NoGpu>
        <DataSection />
        <ModelSection />
        <TrainingSection />
        <NetworkSection />
        <ToMachine />
        <Foot page="lab" />
      </main>
      <Notices>
        <UnfinishedOffer />
      </Notices>
      <Transport />
    </>
  );
}

/** Leads to what the network in the editor becomes on the GPU. */
function ToMachine() {
  return (
    <p class="to-machine">
      <a href={settingsLink(currentSettings(), addressOf('machine'))}>Inside the machine</a>: every kernel, buffer and
      shader of a training step of this network.
    </p>
  );
}
