/** The results of a deep run, as a table. */
import type { ReportData, ReportLine } from '../test/property/report.ts';

/** Joins reports: the worst error of each name, and the sums of counts. */
export function joined(reports: readonly ReportData[]): ReportData {
  const errors: Record<string, ReportLine> = {};
  const counts: Record<string, number> = {};
  for (const report of reports) {
    for (const [name, line] of Object.entries(report.errors)) {
      const known = errors[name] ?? { ...line, compared: 0, error: 0 };
      const worst = line.error * known.allowed > known.error * line.allowed ? line : known;
      errors[name] = { ...worst, compared: known.compared + line.compared };
    }
    for (const [name, count] of Object.entries(report.counts)) counts[name] = (counts[name] ?? 0) + count;
  }
  return { errors, counts };
}

const short = (value: number) => value.toExponential(1).replace('.0e', 'e').replace('e+0', '');

/** Markdown: a row an op, with its values, its gradients and how far its reference is from TensorFlow.js; then the counts. */
export function table({ errors, counts }: ReportData): string {
  const worst = (name: string) => {
    const line = errors[name];
    if (!line) return '';
    if (line.allowed === 0) return 'exact';
    return `${short(line.error)} of ${short(line.allowed)}`;
  };
  const names = Object.keys(errors).filter(
    (name) => !name.startsWith('TensorFlow.js') && !name.endsWith(', gradients'),
  );
  const rows = names.sort().map((name) => {
    const { compared, why } = errors[name]!;
    const gradients = errors[`${name}, gradients`];
    const reasons = [why, ...(gradients && gradients.why !== why ? [`gradients: ${gradients.why}`] : [])].join('; ');
    const theirs = ['', ', gradients'].flatMap((part) => errors[`TensorFlow.js: ${name}${part}`]?.error ?? []);
    const outside = theirs.length > 0 ? short(Math.max(...theirs)) : '';
    return `| ${name} | ${compared} | ${worst(name)} | ${worst(`${name}, gradients`)} | ${outside} | ${reasons.replaceAll('|', '\\|')} |`;
  });
  const lines = Object.entries(counts).sort(([a], [b]) => (a < b ? -1 : 1));
  return [
    '| | cases | worst error of what is allowed | of gradients | TensorFlow.js | why so much is allowed |',
    '| --- | --- | --- | --- | --- | --- |',
    ...rows,
    '',
    ...lines.map(([name, count]) => `${String(count).padStart(8)}  ${name}`),
  ].join('\n');
}
