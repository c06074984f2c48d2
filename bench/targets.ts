/** The engine's performance targets, and whether a run reached them. */
import { NEURITE, PEERS, WHOLE_ENGINE } from './libraries.ts';
import { significant } from './measure.ts';
import type { BenchReport, Entry, Target } from './report.ts';
import { bestStep } from './tables.ts';

type Measured = Omit<BenchReport, 'targets'>;

export function judge(report: Measured): Target[] {
  const step = (library: string, model: string) => {
    const entry = find(report.entries, library, model);
    return (entry && bestStep(entry)?.median) ?? quickStep(report, library, model);
  };
  const predict = (library: string, model: string) => find(report.entries, library, model)?.result?.predict?.median;
  const fastest = (time: typeof step, model: string) => least(PEERS.map(({ name }) => time(name, model)));
  const faster = (what: string, factor: number, own: number | undefined, peer: number | undefined) =>
    target(
      what,
      `${factor}x`,
      quotient(peer, own),
      (ratio) => `${significant(ratio)}x`,
      (ratio) => ratio >= factor,
    );
  const baseline = step(NEURITE.name, 'baseline');
  return [
    faster('step, baseline, batch 32, against jax-js/webgpu', 12, baseline, step('jax-js/webgpu', 'baseline')),
    faster('step, baseline, batch 32, against jax-js/wasm', 7, baseline, step('jax-js/wasm', 'baseline')),
    faster('step, baseline, batch 32, against tfjs/webgpu', 70, baseline, step('tfjs/webgpu', 'baseline')),
    faster(
      'step, second, batch 32, against the fastest peer',
      5,
      step(NEURITE.name, 'second'),
      fastest(step, 'second'),
    ),
    faster(
      'inference, baseline, batch 32, against the fastest peer',
      3,
      predict(NEURITE.name, 'baseline'),
      fastest(predict, 'baseline'),
    ),
    ...firstTargets(report),
    ...resourceTargets(report),
    ...otherTargets(report),
  ];
}

/** @param value the measured value. Absent: not measured */
function target(
  what: string,
  goal: string,
  value: number | undefined,
  format: (value: number) => string,
  met: (value: number) => boolean,
): Target {
  const base = { what, target: goal };
  return value === undefined
    ? { ...base, reached: 'not measured' }
    : { ...base, reached: format(value), met: met(value) };
}

function find(entries: readonly Entry[], library: string, model: string): Entry | undefined {
  return entries.find((entry) => entry.library === library && entry.model === model && entry.batch === 32);
}

/** In a quick run the engine is alone, and its own report has the step. */
function quickStep({ engine }: Measured, library: string, model: string): number | undefined {
  if (library !== NEURITE.name) return undefined;
  const found = engine?.steps.find((step) => step.model === model && step.batch === 32);
  return least([found?.fit?.median, found?.trainOnBatch?.median]);
}

function least(values: readonly (number | undefined)[]): number | undefined {
  const known = values.filter((value) => value !== undefined);
  return known.length > 0 ? Math.min(...known) : undefined;
}

function quotient(p: number | undefined, q: number | undefined): number | undefined {
  return p === undefined || q === undefined ? undefined : p / q;
}

function firstTargets({ first }: Measured): Target[] {
  const totals = (own: boolean) =>
    first
      .filter(({ library, batch }) => batch === 32 && (library === NEURITE.name) === own)
      .map(({ result }) => result?.total);
  const own = least(totals(true));
  return [
    target(
      'first step of a fresh page, batch 32, against the fastest peer',
      'at most 1/3',
      quotient(own, least(totals(false))),
      significant,
      (share) => share <= 1 / 3,
    ),
    target(
      'first step of a fresh page, batch 32',
      'under 3 s',
      own,
      (ms) => `${(ms / 1000).toFixed(2)} s`,
      (ms) => ms < 3000,
    ),
  ];
}

function resourceTargets({ entries }: Measured): Target[] {
  const own = find(entries, NEURITE.name, 'baseline')?.result;
  const peer = find(entries, 'tfjs/webgpu', 'baseline')?.result;
  const count = (what: string, most: number, value: number | undefined) =>
    target(`${what} in a step, baseline, batch 32`, `at most ${most}`, value, String, (n) => n <= most);
  return [
    count('dispatches', 12, own?.counts.dispatches),
    count('submits', 1, own?.counts.submits),
    count('passes', 1, own?.counts.passes),
    count('buffers created', 0, own?.counts.buffersCreated),
    target(
      'peak GPU memory, baseline, batch 32, against tfjs/webgpu',
      'at most 1/5',
      quotient(own?.peakBytes, peer?.peakBytes),
      significant,
      (share) => share <= 1 / 5,
    ),
  ];
}

function otherTargets({ sizes, engine }: Measured): Target[] {
  const bytes = sizes.find(({ name }) => name === WHOLE_ENGINE)?.gzipped;
  const deviations = engine?.scaling.map(({ deviation }) => deviation) ?? [];
  return [
    target(
      'whole engine, minified and gzipped',
      'under 40 KB',
      bytes,
      (n) => `${(n / 1000).toFixed(1)} KB`,
      (n) => n < 40_000,
    ),
    target(
      'step time linear in the batch, 8 to 128',
      'within 15 %',
      deviations.length > 0 ? Math.max(...deviations) : undefined,
      (part) => `${(100 * part).toFixed(0)} %`,
      (part) => part <= 0.15,
    ),
  ];
}
