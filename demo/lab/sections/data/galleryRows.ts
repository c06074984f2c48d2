import type { DataSummary } from '../../protocol/index.ts';

/**
 * Rows of one class for a page of the gallery. Images of different segments take turns; after the last page comes the first.
 * @param segment undefined: all
 */
export function galleryRows(
  { labels, segments }: Pick<DataSummary, 'labels' | 'segments'>,
  { label, segment, page, count }: { label: number; segment: number | undefined; page: number; count: number },
): number[] {
  const bySegment = new Map<number, number[]>();
  labels.forEach((l, row) => {
    const s = segments[row]!;
    if (l !== label || (segment !== undefined && s !== segment)) return;
    const rows = bySegment.get(s);
    if (rows) rows.push(row);
    else bySegment.set(s, [row]);
  });
  const rows = takingTurns([...bySegment.entries()].sort(([a], [b]) => a - b).map(([, list]) => list));
  const shown = Math.min(count, rows.length);
  return Array.from({ length: shown }, (_, i) => rows[(page * count + i) % rows.length]!);
}

/** First of each list, then the second of each, … */
function takingTurns(lists: number[][]): number[] {
  const longest = Math.max(0, ...lists.map((list) => list.length));
  return Array.from({ length: longest }, (_, i) => lists.flatMap((list) => list[i] ?? [])).flat();
}
