/** Curves of loss or accuracy of some trainings over epochs. */
import { type ChartLine, drawable, type Chart as LineChart, lineChart, smoothedCurve } from 'neurite/vis';
import { useEffect, useRef, useState } from 'preact/hooks';
import { formatNumber, formatPercent } from '../format.ts';
import { useVisible } from '../ui/visible.ts';
import { curveColor } from './curveColor.ts';

const HEIGHT = 260;
/** Drawn no more often than this. */
const REDRAW_MS = 100;

export type What = 'loss' | 'accuracy';

/** One training step. */
interface Point {
  /** In epochs: 1.5 is the middle of the second one. */
  readonly x: number;
  readonly loss: number;
  readonly accuracy: number;
}

/** One training, as curves of it are drawn. */
export interface Curve {
  /** Chooses the colour. */
  readonly id: number;
  /** Of each step; more may be added in place. */
  readonly points: readonly Point[];
  /** Of each epoch that has ended. */
  readonly epochs: readonly { readonly x: number; readonly valLoss?: number; readonly valAccuracy?: number }[];
}

interface ChartProps {
  what: What;
  shown: readonly Curve[];
  /** Another one after points were added in place. */
  version: number;
}

/** Loss or accuracy of some trainings over epochs. */
export function Chart({ what, shown, version }: ChartProps) {
  const { element, visible } = useVisible<HTMLDivElement>();
  const [chart, setChart] = useState<LineChart | undefined>(undefined);
  const key = shown.map(({ id }) => id).join();
  const drawn = useRef(0);

  useEffect(() => {
    let made: LineChart | undefined;
    let removed = false;
    const label = what === 'loss' ? 'cross-entropy' : 'share of images right';
    const colors = { text: '--quiet', grid: '--line' };
    lineChart(element.current!, { label, share: what === 'accuracy', height: HEIGHT, colors }).then((loaded) => {
      made = loaded;
      if (removed) made.remove();
      else setChart(made);
    });
    return () => {
      removed = true;
      made?.remove();
    };
  }, []);

  // New points: at the next frame, but not more often than eyes can see.
  useEffect(() => {
    if (!visible || !chart) return;
    let frame = 0;
    const wait = Math.max(0, drawn.current + REDRAW_MS - performance.now());
    const timer = setTimeout(() => {
      frame = requestAnimationFrame(() => {
        drawn.current = performance.now();
        chart.draw(linesOf(what, shown));
      });
    }, wait);
    return () => {
      // The next points' effect draws these as well, and no later than these would have been.
      clearTimeout(timer);
      cancelAnimationFrame(frame);
    };
  }, [version, visible, key, chart]);

  const last = shown.at(-1)?.points.at(-1);
  const value = last && (what === 'loss' ? formatNumber(last.loss) : formatPercent(last.accuracy));
  const label = `Curves of ${what} over epochs${value ? `; last training step: ${value}` : ''}`;
  return <div ref={element} class="chart" style={{ height: `${HEIGHT}px` }} role="img" aria-label={label} />;
}

/** Three lines a curve: training smoothed, training raw (of the last curve), validation. */
function linesOf(what: What, shown: readonly Curve[]): ChartLine[] {
  return shown.flatMap(({ id, points, epochs }, i): ChartLine[] => {
    const color = curveColor(id);
    const { x, smoothed, raw } = smoothedCurve(
      points.map((point) => point.x),
      points.map((point) => point[what]),
    );
    const validated = epochs.filter(({ valLoss }) => valLoss !== undefined);
    const newest = i === shown.length - 1;
    return [
      { x, y: smoothed, color, style: 'line' },
      { x, y: newest ? raw : x.map(() => null), color, style: 'faint' },
      {
        x: validated.map((point) => point.x),
        y: validated.map((point) => drawable(what === 'loss' ? point.valLoss : point.valAccuracy)),
        color,
        style: 'dashed',
      },
    ];
  });
}
