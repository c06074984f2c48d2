import { useState } from 'preact/hooks';
import { difference } from '../../../draw/filters.ts';
import { formatShort } from '../../../format.ts';
import { Segmented, SelectField } from '../../../ui/controls.tsx';
import { Panel } from '../../../ui/layout.tsx';
import { currentModel } from '../../runs/runs.ts';
import { KernelGrid } from './kernelGrid.tsx';
import { movement } from './movement.ts';
import { firstKernels, inspection, kernels } from './state.ts';

/** Less than this part of their size has changed: what is seen of the kernels is still how they began. */
const LITTLE = 0.3;

type What = 'change' | 'kernels';

/** The convolution kernels: what training has changed of them, and as they are. */
export function Kernels() {
  const sets = kernels.value;
  const [layer, setLayer] = useState('');
  const [what, setWhat] = useState<What>('change');
  const set = sets.find((set) => set.layer === layer) ?? sets[0];
  const { run, sets: first } = firstKernels.value;
  const trained = currentModel.value !== undefined;
  const changed = set && trained && run === currentModel.value?.run ? difference(set, first) : undefined;
  if (!set) return <Panel title="Kernels">{inspection.value && <p>This network has no convolution.</p>}</Panel>;
  return (
    <Panel title="Kernels" note={noteOf(set.data, changed?.data, trained)}>
      <div class="row">
        {sets.length > 1 && (
          <SelectField
            label="Layer"
            value={set.layer}
            options={sets.map(({ layer }) => ({ value: layer, label: layer }))}
            onChange={setLayer}
          />
        )}
        {changed && (
          <Segmented<What>
            label="Show"
            value={what}
            options={[
              { value: 'change', label: 'what has changed' },
              { value: 'kernels', label: 'the kernels' },
            ]}
            onChange={setWhat}
          />
        )}
      </div>
      <KernelGrid set={what === 'change' && changed ? changed : set} depthwise={isDepthwise(set.layer)} />
    </Panel>
  );
}

function noteOf(now: Float32Array, change: Float32Array | undefined, trained: boolean): string {
  if (!trained) return 'Before training they are noise. Violet is negative, green positive.';
  if (!change) return 'How they began is not known: another visit or run has trained them.';
  const { moved, size } = movement(now, change);
  const how = `Training has moved them by ${formatShort(moved)}, and they are ${formatShort(size)} in size.`;
  return moved < LITTLE * size
    ? `${how} So the kernels still look like noise, and only the change shows what was learned.`
    : `${how} So what they look for now was learned.`;
}

function isDepthwise(layer: string): boolean {
  return inspection.value?.layers.find(({ name }) => name === layer)?.type === 'depthwiseConv2d';
}
