import { useEffect } from 'preact/hooks';
import { toBegin } from '../../runs/runs.ts';
import '../../../styles/network.css';
import { Empty, Panel, Section } from '../../../ui/layout.tsx';
import { useVisible } from '../../../ui/visible.ts';
import { Chooser } from './chooser.tsx';
import { Evidence } from './evidence.tsx';
import { Kernels } from './kernels.tsx';
import { Layers } from './layers.tsx';
import { inspection, watching } from './state.ts';
import { Verdict } from './verdict.tsx';

export function NetworkSection() {
  const { element, visible } = useVisible<HTMLDivElement>();
  useEffect(() => {
    watching.value = visible;
  }, [visible]);
  const seen = inspection.value;
  return (
    <div ref={element}>
      <Section
        id="network"
        title="Inside the network"
        lead="Nothing in here was drawn for you: these are the numbers that the GPU computes with, as colours. While the network trains they change with every look."
      >
        <Kernels />
        <Panel
          title="One image, layer by layer"
          note="Choose a picture and follow it through the network, from the top down. Choose a map to follow its channel."
        >
          <Chooser />
          {seen ? (
            <Layers seen={seen} />
          ) : (
            <Empty>{toBegin()}: the picture’s way through the network will be seen here.</Empty>
          )}
        </Panel>
        <div class="grid network-end">
          <Panel title="The verdict">
            {seen ? (
              <Verdict seen={seen} />
            ) : (
              <Empty>{toBegin()}: what the network says of the picture comes here.</Empty>
            )}
          </Panel>
          <Panel
            title="Where the evidence lies"
            note="The gradient of the winning logit by each pixel: how much that logit would rise if the pixel were a little brighter. While the kernels are still noise, so is the gradient."
          >
            {seen ? <Evidence seen={seen} /> : <Empty>{toBegin()}: what the verdict depends on comes here.</Empty>}
          </Panel>
        </div>
      </Section>
    </div>
  );
}
