/** Formats the results of a benchmark run as tables of text. */
import type { BundleSize } from './bundles.ts';
import { NEURITE, PEERS } from './libraries.ts';
import { significant, type Timing } from './measure.ts';
import type { Entry, FirstEntry, Target } from './report.ts';

/** Columns aligned: the first to the left, numbers to the right. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const all = [head, ...rows];
  const widths = head.map((_, i) => Math.max(...all.map((row) => (row[i] ?? '').length)));
  const line = (row: readonly string[]) =>
    widths.map((width, i) => (i === 0 ? (row[i] ?? '').padEnd(width) : (row[i] ?? '').padStart(width))).join('  ');
  return [line(head), widths.map((width) => '-'.repeat(width)).join('  '), ...rows.map(line)].join('\n');
}

/** The better of a step awaited and one among several in flight. */
export function bestStep({ result }: Pick<Entry, 'result'>): Timing | undefined {
  const { step, inFlight } = result ?? {};
  return inFlight && step && inFlight.median < step.median ? inFlight : step;
}

/** The times of every library, and their ratios to the engine's: above 1, the engine is faster. */
export function stepTable(entries: readonly Entry[], what: 'step' | 'predict'): string {
  const time = (entry: Entry | undefined) => entry && (what === 'step' ? bestStep(entry) : entry.result?.predict);
  const cases = [...new Map(entries.map(({ model, batch }) => [`${model}, batch ${batch}`, { model, batch }]))];
  const libraries = [NEURITE, ...PEERS]
    .map(({ name }) => name)
    .filter((name) => entries.some((e) => e.library === name));
  const rows = cases.map(([name, { model, batch }]) => {
    const of = (library: string) =>
      entries.find((e) => e.library === library && e.model === model && e.batch === batch);
    const own = time(of(NEURITE.name));
    return [
      name,
      ...libraries.map((library) => {
        const entry = of(library);
        const took = time(entry);
        if (!took) return why(entry);
        const once = took.samples === 1 ? ' (once)' : '';
        const ratio = own && library !== NEURITE.name ? `  ${significant(took.median / own.median)}x` : '';
        return `${significant(took.median)}${once}${ratio}`;
      }),
    ];
  });
  return table([what === 'step' ? 'training step, ms' : 'inference, ms', ...libraries], rows);
}

function why(entry: Entry | undefined): string {
  if (!entry) return '-';
  if (entry.result?.wrong) return 'WRONG';
  return entry.failed ? 'failed' : entry.leftOut ? 'left out' : '-';
}

/** How each time was taken, and how much it varied. */
export function spreadTable(entries: readonly Entry[]): string {
  const cell = (timing: Timing | undefined) =>
    timing
      ? `${significant(timing.median)} [${significant(timing.low)}, ${significant(timing.high)}] n=${timing.samples}`
      : '-';
  const rows = entries
    .filter(({ result }) => result?.step)
    .map(({ library, model, batch, result }) => [
      `${library}, ${model}, batch ${batch}`,
      ...[result!.step, result!.inFlight, result!.predict].map(cell),
    ]);
  return table(['ms: median [fastest, slowest]', 'step, awaited', 'step, in flight', 'inference'], rows);
}

/** The WebGPU calls of a step after the first ones, and the peak of memory. */
export function resourceTable(entries: readonly Entry[]): string {
  const rows = entries
    .filter(({ result }) => result)
    .map(({ library, model, batch, result }) => {
      const { counts, peakBytes, memoryBytes, plannedBytes } = result!;
      const peer = PEERS.find(({ name }) => name === library);
      const counted = !peer || peer.webgpu;
      const memory = counted
        ? `${mebibytes(peakBytes)}${plannedBytes ? ` (planned ${mebibytes(plannedBytes)})` : ''}`
        : memoryBytes
          ? `${mebibytes(memoryBytes)} (its own count)`
          : (peer.noMemory ?? '-');
      const numbers = [counts.dispatches, counts.passes, counts.submits, counts.buffersCreated, counts.bufferWrites];
      return [`${library}, ${model}, batch ${batch}`, memory, ...numbers.map((n) => (counted ? `${n}` : '-'))];
    });
  return table(['a steady step', 'peak GPU MiB', 'dispatches', 'passes', 'submits', 'buffers created', 'writes'], rows);
}

export function firstTable(first: readonly FirstEntry[]): string {
  const rows = first.map(({ library, model, batch, failed, result }) => {
    const cell = (ms: number | undefined) => (ms === undefined ? '-' : ms.toFixed(0));
    const { total, load, plan, compile, tune, step } = result ?? {};
    const name = `${library}, ${model}, batch ${batch}`;
    return failed ? [name, 'failed'] : [name, ...[total, load, plan, compile, tune, step].map(cell)];
  });
  return table(
    ['first step of a fresh page, ms', 'total', 'load', 'device, plan', 'compile', 'tune, rest', 'step'],
    rows,
  );
}

export function sizeTable(sizes: readonly BundleSize[]): string {
  const rows = sizes.map(({ name, bytes, gzipped }) => [name, kilobytes(bytes), kilobytes(gzipped)]);
  return table(['bundle, KB (1000 bytes)', 'minified', 'gzipped'], rows);
}

export function targetTable(targets: readonly Target[]): string {
  const verdict = (met: boolean | undefined) => (met === undefined ? '' : met ? 'yes' : 'NO');
  return table(
    ['', 'target', 'reached', ''],
    targets.map(({ what, target, reached, met }) => [what, target, reached, verdict(met)]),
  );
}

function mebibytes(bytes: number): string {
  return (bytes / 2 ** 20).toFixed(1);
}

function kilobytes(bytes: number): string {
  return (bytes / 1000).toFixed(1);
}
