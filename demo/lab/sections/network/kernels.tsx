import { useState } from 'preact/hooks';
import { difference } from '../../../draw/filters.ts';
import { CheckField, SelectField } from '../../../ui/controls.tsx';
import { Empty, Panel } from '../../../ui/layout.tsx';
import { currentModel, toBegin } from '../../runs/runs.ts';
import { KernelGrid } from './kernelGrid.tsx';
import { firstKernels, inspection, kernels } from './state.ts';

const NONE = 'This network has no convolution, and so no kernels. Add a conv2d layer under Model to see some.';

/** The convolution kernels, as they are now. */
export function Kernels() {
  const sets = kernels.value;
  const [layer, setLayer] = useState('');
  const [change, setChange] = useState(false);
  const set = sets.find((set) => set.layer === layer) ?? sets[0];
  const { run, sets: first } = firstKernels.value;
  const changed = set && run === currentModel.value?.run ? difference(set, first) : undefined;
  return (
    <Panel
      title="Kernels"
      note="Each square is one kernel: the numbers that it multiplies a patch of the image with, before adding them up. Violet is negative, green positive. They begin as noise; training makes detectors of them. Choose one to follow its channel below."
    >
      {set ? (
        <>
          <div class="row">
            {sets.length > 1 && (
              <SelectField
                label="Layer"
                value={set.layer}
                options={sets.map(({ layer }) => ({ value: layer, label: layer }))}
                onChange={setLayer}
              />
            )}
            {changed ? (
              <CheckField label="Show the change since this run began" checked={change} onChange={setChange} />
            ) : (
              <span class="note check">
                How these kernels began is not known: another visit or run has trained them.
              </span>
            )}
          </div>
          <KernelGrid set={change && changed ? changed : set} depthwise={isDepthwise(set.layer)} />
        </>
      ) : (
        <Empty>
          {inspection.value && currentModel.value
            ? NONE
            : `${toBegin()}: the kernels of the network will be seen here, changing as they learn.`}
        </Empty>
      )}
    </Panel>
  );
}

function isDepthwise(layer: string): boolean {
  return inspection.value?.layers.find(({ name }) => name === layer)?.type === 'depthwiseConv2d';
}
