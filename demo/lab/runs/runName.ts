/** Names of runs: what is trained, and what differs from the run before. */
import type { Settings } from '../link.ts';
import type { RunRecord } from './record.ts';

type Difference = [name: string, of: (settings: Settings) => string | number];

const DIFFERENCES: readonly Difference[] = [
  ['layers', ({ layers }) => JSON.stringify(layers)],
  ['', ({ training }) => training.optimizer],
  ['rate', ({ training }) => training.learningRate],
  ['', ({ training }) => `${training.schedule} rate`],
  ['batch', ({ training }) => training.batchSize],
  ['epochs', ({ training }) => training.epochs],
  ['seed', ({ training }) => training.seed],
  ['images per class', ({ data }) => data.imagesPerClass],
  ['data seed', ({ data }) => data.seed],
  ['segments', ({ data }) => data.roles.join()],
];

/** Of these a name says the new value; of the others only that they differ. */
const UNSAID = ['layers', 'segments'];

const baseOf = ({ preset }: Settings) => (preset === 'custom' ? 'own network' : preset);

/** @param before all runs so far, the last one last; the last with the same kind of network is compared */
export function runName(settings: Settings, before: readonly Pick<RunRecord, 'settings'>[]): string {
  const base = baseOf(settings);
  const other = before.findLast((run) => baseOf(run.settings) === base)?.settings;
  if (!other) return base;
  const differences = DIFFERENCES.filter(([, of]) => of(settings) !== of(other)).map(([name, of]) =>
    UNSAID.includes(name) ? `other ${name}` : `${name} ${of(settings)}`.trim(),
  );
  return [base, ...differences].join(', ');
}
