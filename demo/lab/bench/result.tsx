/** What a network has learned, once it was tested. */
import { Button } from '../../ui/controls.tsx';
import { beginWith } from '../runs/initialize.ts';
import type { RunRecord } from '../runs/record.ts';
import { preset } from '../state/network.ts';
import { drawnPreset, drawnRun, toldRun } from './drawn.ts';
import { resultText } from './resultText.ts';

/** What a network has learned. Where it is not the network that is drawn, the heading names its run. */
export function Result() {
  const run = toldRun.value;
  const result = run && resultText(run);
  if (!run || !result) return null;
  return (
    <section class="result" aria-label="What it has learned" role="status">
      {run !== drawnRun.value && <p class="result-run">The run before, {run.name}:</p>}
      <strong>{result.title}</strong>
      <p>{result.text}</p>
      <div class="row">
        {result.dropped && !isTried(run) && <Button onClick={() => beginWith('improved')}>Try “improved”</Button>}
        <a href="#training">The test in full</a>
      </div>
    </section>
  );
}

/** Whether “improved” is no news: it was trained, or it is chosen or drawn already. */
const isTried = (run: RunRecord) => [run.settings.preset, preset.value, drawnPreset.value].includes('improved');
