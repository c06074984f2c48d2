import { useEffect } from 'preact/hooks';
import '../../styles/machine.css';
import { Section } from '../../ui/layout.tsx';
import { useVisible } from '../../ui/visible.ts';
import { Adapter } from './adapter.tsx';
import { Dispatches } from './dispatches.tsx';
import { Memory } from './memory.tsx';
import { SelfTest } from './selfTest.tsx';
import { watching } from './state.ts';

export function MachineSection() {
  const { element, visible } = useVisible<HTMLDivElement>();
  useEffect(() => {
    watching.value = visible;
  }, [visible]);
  return (
    <div ref={element}>
      <Section
        id="machine"
        title="Inside the machine"
        lead="What the layers above become on the GPU: a flat list of small programs, each reading some buffers and writing others. Every one of them can be read here, as it runs."
      >
        <Adapter />
        <Dispatches />
        <Memory />
        <SelfTest />
      </Section>
    </div>
  );
}
