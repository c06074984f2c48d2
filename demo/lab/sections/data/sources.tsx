import { useMemo } from 'preact/hooks';
import { plural } from '../../../format.ts';
import { Button } from '../../../ui/controls.tsx';
import { Panel, ProgressBar } from '../../../ui/layout.tsx';
import { progress } from '../../client.ts';
import { running } from '../../runs/runs.ts';
import { backToSimulated, data, loading } from '../../state/data.ts';
import { countImages, listOf } from './countImages.ts';
import { OwnFiles } from './ownFiles.tsx';
import { SimulationForm } from './simulationForm.tsx';

/** Where the images come from. */
export function Sources() {
  const own = data.value !== undefined && data.value.source !== 'simulated';
  return (
    <Panel title="Where the images come from">
      <Inventory />
      <ProgressBar progress={progress.value.data} label="No images are being loaded" />
      {own ? (
        <Button disabled={running.value || loading.value} onClick={backToSimulated}>
          Back to simulated images
        </Button>
      ) : (
        <SimulationForm />
      )}
      <OwnFiles />
    </Panel>
  );
}

const SOURCES = {
  simulated: 'Simulated images',
  'course files': 'Images of the course files',
  pictures: 'Your pictures',
  'handed over': 'Pictures of the page about fakes',
};

/** What there is. */
function Inventory() {
  const summary = data.value;
  const counts = useMemo(() => (summary ? countImages(summary) : []), [summary]);
  if (!summary) return <p class="inventory">The first images are being simulated.</p>;
  if (counts.length === 0) return <p class="inventory">There are no images: give a segment a use.</p>;
  const real = counts.reduce((sum, count) => sum + count.real, 0);
  const fake = counts.reduce((sum, count) => sum + count.fake, 0);
  const segments = counts.map(({ segment }) => segment);
  return (
    <p class="inventory" role="status">
      <strong>{SOURCES[summary.source]}:</strong> {plural(real, 'real one', 'real ones')} and{' '}
      {plural(fake, 'fake', 'fakes')}, of {segments.length === 1 ? 'segment' : 'segments'} {listOf(segments)}.
      {summary.note && ` ${summary.note}`}
    </p>
  );
}
