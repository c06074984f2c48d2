import { MachineChip } from '../frame/machineChip.tsx';
import { Frame } from '../frame/mount.tsx';
import { NoGpu } from '../frame/noGpu.tsx';
import { Notices } from '../frame/notices.tsx';
import { addressOf } from '../frame/pages.ts';
import type { PresetName } from '../lab/protocol/index.ts';
import { SelectField } from '../ui/controls.tsx';
import { Section } from '../ui/layout.tsx';
import { Adapter } from './adapter.tsx';
import { machine } from './client.ts';
import { Dispatches } from './dispatches.tsx';
import { Memory } from './memory.tsx';
import { SelfTest } from './selfTest.tsx';
import { choosePreset, linked, network, presets } from './state.ts';

export function MachinePage() {
  return (
    <Frame page="machine" bar={<MachineChip machine={machine.value} />}>
      <header class="intro">
        <h1>Inside the machine</h1>
        <p>
          On the GPU, a training step is a flat list of small programs, each of which reads some buffers and writes
          others. Every one of them can be read here, as it runs.
        </p>
      </header>
      <NoGpu machine={machine.value}>
        Without it no step can be planned, measured or tested. The lessons on{' '}
        <a href={addressOf('convolution')}>convolution</a> and <a href={addressOf('learning')}>learning</a> work without
        it: what the GPU would compute is computed by hand there.
      </NoGpu>
      <Section
        id="machine"
        title="One step of training"
        lead="The page plans the step of a network, trains the network for four steps, and measures the last one."
      >
        <NetworkField />
        <Adapter />
        <Dispatches />
        <Memory />
        <SelfTest />
      </Section>
      <Notices />
    </Frame>
  );
}

const FROM_LAB = 'linked';

/** Which network is shown. */
function NetworkField() {
  const fromLab = linked.value && { value: FROM_LAB, label: 'the network of the lab' };
  const options = presets.value.map((name) => ({ value: name as string, label: name as string }));
  const shown = network.value;
  return (
    <SelectField
      label="Network"
      value={shown && shown === linked.value ? FROM_LAB : (shown?.name ?? '')}
      options={fromLab ? [fromLab, ...options] : options}
      disabled={!shown}
      onChange={(name) => {
        if (name === FROM_LAB) network.value = linked.value;
        else choosePreset(name as PresetName);
      }}
    />
  );
}
