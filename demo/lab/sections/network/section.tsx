import { useEffect } from 'preact/hooks';
import '../../../styles/network.css';
import { Late } from '../../../ui/late.tsx';
import { Panel, Section } from '../../../ui/layout.tsx';
import { More } from '../../../ui/more.tsx';
import { useVisible } from '../../../ui/visible.ts';
import { nothingToSee } from '../../runs/initialize.ts';
import { FieldOfView } from './fieldOfView.tsx';
import { Kernels } from './kernels.tsx';
import { inspection, watching } from './state.ts';

export function NetworkSection() {
  const { element, visible } = useVisible<HTMLDivElement>();
  useEffect(() => {
    watching.value = { ...watching.peek(), network: visible };
  }, [visible]);
  const seen = inspection.value;
  return (
    <div ref={element}>
      <Section
        id="network"
        title="Inside the network"
        lead="These are the numbers that the GPU computes with, as colours."
      >
        {!seen && <p class="note">{nothingToSee.value}</p>}
        <Kernels />
        <Panel title="What one unit sees">{seen && <FieldOfView seen={seen} />}</Panel>
        <More late text="Where the evidence lies" class="panel">
          {seen && <Late load={async () => (await import('./evidence.tsx')).Evidence} properties={{ seen }} />}
        </More>
        <More late text="Every map of every layer" class="panel">
          {seen && <Late load={async () => (await import('./layers.tsx')).Layers} properties={{ seen }} />}
        </More>
      </Section>
    </div>
  );
}
