/** Both losses over the steps so far. */
export interface Losses {
  readonly step: number;
  readonly train: number;
  readonly test: number;
}

/** Points that are kept: of more every second one is left out. */
const MOST = 300;

export function withLosses(curve: readonly Losses[], next: Losses): readonly Losses[] {
  const all = [...curve, next];
  return all.length > MOST ? all.filter((_, i) => i % 2 === 1) : all;
}

const [WIDTH, HEIGHT] = [300, 70];

export function LossChart({ curve }: { curve: readonly Losses[] }) {
  const last = curve.at(-1)?.step || 1;
  const first = Math.min(curve[0]?.step ?? 0, last - 1);
  const most = Math.max(1e-6, ...curve.flatMap(({ train, test }) => [train, test]).filter(Number.isFinite));
  const line = (what: 'train' | 'test') =>
    curve
      .map((at) => `${((at.step - first) / (last - first)) * WIDTH},${HEIGHT - 1 - (at[what] / most) * (HEIGHT - 4)}`)
      .join(' ');
  return (
    <svg class="loss-chart" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" aria-hidden="true">
      <polyline class="train" points={line('train')} />
      <polyline class="test" points={line('test')} />
    </svg>
  );
}
