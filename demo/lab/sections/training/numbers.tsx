import { formatBytes, formatCount, formatNumber, formatPercent, formatSeconds } from '../../../format.ts';
import { ProgressBar } from '../../../ui/layout.tsx';
import { Values } from '../../../ui/values.tsx';
import { progress } from '../../client.ts';
import { live, running, runs } from '../../runs/runs.ts';

/** The run under way, or the last one, in numbers. */
export function Numbers() {
  const run = runs.value.at(-1);
  const now = live.value;
  const epoch = run?.epochs.at(-1);
  const rows: [string, string][] = [
    ['step', now ? `${now.step} of ${now.stepsPerEpoch}, epoch ${now.epoch + 1} of ${now.epochs}` : '–'],
    ['loss', now ? formatNumber(now.loss) : '–'],
    ['accuracy', now ? formatPercent(now.accuracy) : '–'],
    ['validation loss', epoch?.valLoss === undefined ? '–' : formatNumber(epoch.valLoss)],
    ['validation accuracy', epoch?.valAccuracy === undefined ? '–' : formatPercent(epoch.valAccuracy)],
    ['learning rate', now ? now.learningRate.toPrecision(2) : '–'],
    ['images a second', now && Number.isFinite(now.imagesPerSecond) ? formatCount(now.imagesPerSecond) : '–'],
    ['time left', now && running.value ? formatSeconds(now.secondsLeft) : '–'],
    ['GPU memory', run?.peakBytes ? formatBytes(run.peakBytes) : '–'],
    ['parameters', run?.parameters ? formatCount(run.parameters) : '–'],
  ];
  const { compile, data, test } = progress.value;
  return (
    <>
      <h4>{run ? run.name : 'No run yet'}</h4>
      <Values class="numbers" rows={rows} />
      <ProgressBar progress={test ?? compile ?? data} label="Work under way" />
    </>
  );
}
