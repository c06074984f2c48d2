import { Button } from '../../ui/controls.tsx';
import { dataObstacle } from '../runs/runs.ts';
import { data, usualRoles } from '../state/data.ts';
import { info, setLayers } from '../state/network.ts';

/** Makes the network fit, where one change is enough, or gives segments something to do. */
export function MendButton() {
  const mend = info.value?.problem?.mend;
  if (!info.value?.problem && dataObstacle.value && data.value?.source === 'simulated') {
    return <Button onClick={usualRoles}>Train on segments 0 and 1</Button>;
  }
  return mend ? <Button onClick={() => setLayers(mend.layers)}>{mend.label}</Button> : null;
}
