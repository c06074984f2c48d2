/** Takes recordings and fakes to the lab. */
import { set } from 'idb-keyval';
import { useState } from 'preact/hooks';
import { addressOf } from '../../frame/pages.ts';
import { Button } from '../../ui/controls.tsx';
import { HANDED_OVER, HANDED_OVER_KEY } from '../../ui/handedOver.ts';
import { labFiles, machine, ownFakes } from './client.ts';
import type { Which } from './protocol.ts';

export function ToLab({ which }: { which: Which }) {
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string>();
  if (machine.value.state === 'missing') return null;
  const go = async () => {
    setBusy(true);
    try {
      await set(HANDED_OVER_KEY, await labFiles(which));
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
      <span role="status">{problem ? `It did not work: ${problem}` : '256 fakes against 256 recordings.'}</span>
    </div>
  );
}
