/** The test of a trained network, on pictures that it has not seen. */
import { plural } from '../../../format.ts';
import { Button } from '../../../ui/controls.tsx';
import { Late } from '../../../ui/late.tsx';
import { Empty, Panel } from '../../../ui/layout.tsx';
import { test } from '../../runs/actions.ts';
import { currentModel, findRun, running, runs, testing, testKindNow } from '../../runs/runs.ts';
import { TEST_TEXTS } from '../../runs/testPictures.ts';
import { isSound } from '../../score.ts';
import { rowsByRole } from '../../state/data.ts';

/** How the network does on pictures that it has not seen. */
export function Test() {
  const { title, note } = TEST_TEXTS[testKindNow.value];
  const current = findRun(currentModel.value?.run);
  const run = current?.test ? current : runs.value.findLast((run) => run.test);
  const result = run?.test;
  return (
    <Panel title={title} class="test" note={note}>
      <TestButton />
      {run &&
        result &&
        (isSound(result) ? (
          <Late load={async () => (await import('./testResult.tsx')).TestResult} properties={{ run, result }} />
        ) : (
          <Empty>{run.name}: its logits are no numbers any more. Start anew with a smaller learning rate.</Empty>
        ))}
    </Panel>
  );
}

function TestButton() {
  const images = rowsByRole.value.test.length;
  let why: string | undefined;
  if (!currentModel.value) why = 'There is no trained network yet.';
  else if (running.value) why = 'Training is under way.';
  else if (images === 0) why = 'No segment has the use “test”: see Data.';
  return (
    <div class="row">
      <Button disabled={why !== undefined || testing.value} onClick={test}>
        Test now
      </Button>
      <span class="note">{testing.value ? 'testing…' : (why ?? `on ${plural(images, 'image')}`)}</span>
    </div>
  );
}
