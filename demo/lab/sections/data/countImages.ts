import type { DataSummary } from '../../protocol/index.ts';

export interface SegmentCount {
  segment: number;
  real: number;
  fake: number;
}

/** How many images of each class there are, by segment; segments without any are left out. */
export function countImages({ labels, segments }: Pick<DataSummary, 'labels' | 'segments'>): SegmentCount[] {
  const counts = new Map<number, SegmentCount>();
  segments.forEach((segment, row) => {
    const count = counts.get(segment) ?? { segment, real: 0, fake: 0 };
    if (labels[row] === 0) count.real++;
    else count.fake++;
    counts.set(segment, count);
  });
  return [...counts.values()].sort((a, b) => a.segment - b.segment);
}

/** `0, 1 and 7`. */
export function listOf(items: readonly (string | number)[]): string {
  if (items.length < 2) return items.join('');
  return `${items.slice(0, -1).join(', ')} and ${items.at(-1)}`;
}
