/** What the table of runs says of a run. */
import { formatCount } from '../../../format.ts';
import { isOpened, type RunRecord } from '../../runs/record.ts';

/** How it was trained, on what, and how large it is; the training of a file that was opened is not known. */
export function settingsOf(run: RunRecord): string[] {
  const { settings, source, parameters } = run;
  const { optimizer, learningRate, schedule, batchSize, epochs } = settings.training;
  const cosine = schedule === 'cosine' ? ' cosine' : '';
  const how = `${optimizer} ${learningRate}${cosine}, batch ${batchSize}, ${epochs} ${epochs === 1 ? 'epoch' : 'epochs'}`;
  const training = settings.data.roles.filter((role) => role === 'train').length;
  const segments = `${training} ${training === 1 ? 'segment' : 'segments'}`;
  const images =
    source === 'simulated'
      ? `simulated, 2 × ${settings.data.imagesPerClass} in each of ${segments}`
      : `${source}, ${segments}`;
  return [
    ...(isOpened(run) ? ['not known: opened from a file'] : [how, images]),
    ...(parameters ? [`${formatCount(parameters)} parameters`] : []),
  ];
}
