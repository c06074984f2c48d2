import { cutOff, forgetCutOff, goOn } from '../state/cutOff.ts';
import { data } from '../state/data.ts';
import { machine } from '../state/lab.ts';
import { testing } from '../state/runs.ts';
import { Button } from './controls.tsx';

/** A run was cut off: shall it go on? */
export function CutOffOffer() {
  if (!cutOff.value) return null;
  const { name, points, source, settings } = cutOff.value.run;
  const { epochs } = settings.training;
  const epoch = Math.min(Math.floor(points.at(-1)?.x ?? 0) + 1, epochs);
  const filesMissing = source !== 'simulated' && data.value?.source !== source;
  return (
    <div class="notice cut-off" role="status">
      <div>
        <p>
          Training of {name} was cut off. It can go on in epoch {epoch} of {epochs}.
          {source !== 'simulated' && ' It trains on your own files: open the same ones first, under Data.'}
        </p>
        <div class="row">
          <Button
            kind="main"
            disabled={filesMissing || machine.value.state !== 'ready' || testing.value}
            onClick={goOn}
          >
            Go on
          </Button>
          <Button onClick={forgetCutOff}>Forget it</Button>
        </div>
      </div>
    </div>
  );
}
