/** What stands below the section of training. */
import { addressOf } from '../../frame/pages.ts';
import { settingsLink } from '../link.ts';
import { currentSettings } from '../state/settings.ts';
import { DataSection } from './data/section.tsx';
import { ModelSection } from './model/section.tsx';
import { NetworkSection } from './network/section.tsx';

export function FurtherSections() {
  return (
    <>
      <NetworkSection />
      <DataSection />
      <ModelSection />
      <ToMachine />
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
