import { Button } from '../../ui/controls.tsx';
import { machine } from '../client.ts';
import { testing } from '../runs/runs.ts';
import { forgetUnfinished, goOn, unfinished } from '../runs/unfinished.ts';
import { data } from '../state/data.ts';

/** Pictures that have to be there first. */
const OWN = ' It trains on your own files: open the same ones first, under Data.';
const WHERE = {
  simulated: '',
  'course files': OWN,
  pictures: OWN,
  'handed over': ' It trains on pictures of the page about fakes: hand them over first.',
};

/** Offers to continue a run that was cut off. */
export function UnfinishedOffer() {
  if (!unfinished.value) return null;
  const { name, points, source, settings } = unfinished.value.run;
  const { epochs } = settings.training;
  const epoch = Math.min(Math.floor(points.at(-1)?.x ?? 0) + 1, epochs);
  const filesMissing = source !== 'simulated' && data.value?.source !== source;
  return (
    <div class="notice cut-off" role="status">
      <div>
        <p>
          Training of {name} was cut off. It can go on in epoch {epoch} of {epochs}.{WHERE[source]}
        </p>
        <div class="row">
          <Button
            kind="main"
            disabled={filesMissing || machine.value.state !== 'ready' || testing.value}
            onClick={goOn}
          >
            Go on
          </Button>
          <Button onClick={forgetUnfinished}>Forget it</Button>
        </div>
      </div>
    </div>
  );
}
