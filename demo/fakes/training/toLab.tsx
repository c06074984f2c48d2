/** Takes recordings and fakes to the lab. */
import { set } from 'idb-keyval';
import { useState } from 'preact/hooks';
import { addressOf } from '../../frame/pages.ts';
import { Button } from '../../ui/controls.tsx';
import { HANDED_OVER, HANDED_OVER_KEY, type HandedOver } from '../../ui/handedOver.ts';
import { labFiles, machine, ownFakes } from './client.ts';
import type { LabFile, Which } from './protocol.ts';

export function ToLab({ which }: { which: Which }) {
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string>();
  if (machine.value.state === 'missing') return null;
  const go = async () => {
    setBusy(true);
    try {
      const files = await labFiles(which);
      await set(HANDED_OVER_KEY, { files, note: noteOf(which, files) } satisfies HandedOver);
      location.href = addressOf('lab') + HANDED_OVER;
    } catch (error) {
      setProblem((error as Error).message);
      setBusy(false);
    }
  };
  const resting = busy || !ownFakes.value;
  return (
    <div class="row">
      <Button kind="main" resting={resting} onClick={() => !resting && go()}>
        {busy ? 'Painting pictures for the lab…' : "Train the lab's classifier on these fakes"}
      </Button>
      <span role="status">
        {problem ? `It did not work: ${problem}` : 'Up to 256 of them, against as many recordings.'}
      </span>
    </div>
  );
}

/** What the lab says of the pictures. */
function noteOf(which: Which, files: readonly LabFile[]): string {
  const by = which === 'own' ? 'the generator that learned in your browser' : 'the generator that was trained before';
  return (
    `The fakes are made by ${by}: ${files.length / 2} of them, beside as many recordings, all of 32 × 32 pixels. ` +
    'Segment 0 is to train on; no network has seen the recordings of segment 7, which is the test.'
  );
}
