/** Curves of loss or accuracy over epochs, drawn by uPlot. Import it late: the library is larger than the rest of a page. */
import { useEffect, useRef } from 'preact/hooks';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { formatNumber, formatPercent, formatTick } from '../format.ts';
import { useVisible } from '../ui/visible.ts';
import { curveColor, drawable, type Point, trainingCurve } from './curveData.ts';

const HEIGHT = 260;
/** Drawn no more often than this. */
const REDRAW_MS = 100;

/** Steps between ticks of y, up to the largest loss that float32 holds: the library's own end before. */
const STEPS = Array.from({ length: 132 }, (_, i) => Number(`${[1, 2, 5][i % 3]}e${Math.floor(i / 3) - 5}`));

export type What = 'loss' | 'accuracy';

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
  const plot = useRef<uPlot | undefined>(undefined);
  const key = shown.map(({ id }) => id).join();
  const drawn = useRef(0);

  // Another set of curves has other series: the chart is made anew.
  useEffect(() => {
    const target = element.current!;
    const made = new uPlot(options(what, shown, target), tables(what, shown), target);
    plot.current = made;
    const resized = new ResizeObserver(() => made.setSize({ width: target.clientWidth, height: HEIGHT }));
    resized.observe(target);
    const redraw = () => made.redraw();
    addEventListener('themechange', redraw);
    return () => {
      removeEventListener('themechange', redraw);
      resized.disconnect();
      made.destroy();
    };
  }, [key]);

  // New points: at the next frame, but not more often than eyes can see.
  useEffect(() => {
    if (!visible) return;
    let frame = 0;
    const wait = Math.max(0, drawn.current + REDRAW_MS - performance.now());
    const timer = setTimeout(() => {
      frame = requestAnimationFrame(() => {
        drawn.current = performance.now();
        plot.current?.setData(tables(what, shown));
      });
    }, wait);
    return () => {
      // The next points' effect draws these as well, and no later than these would have been.
      clearTimeout(timer);
      cancelAnimationFrame(frame);
    };
  }, [version, visible, key]);

  const last = shown.at(-1)?.points.at(-1);
  const value = last && (what === 'loss' ? formatNumber(last.loss) : formatPercent(last.accuracy));
  const label = `Curves of ${what} over epochs${value ? `; last training step: ${value}` : ''}`;
  return <div ref={element} class="chart" style={{ height: `${HEIGHT}px` }} role="img" aria-label={label} />;
}

/** Three series a curve: training smoothed, training raw (of the last curve), validation. */
function tables(what: What, shown: readonly Curve[]): uPlot.AlignedData {
  if (shown.length === 0) return [[]];
  return uPlot.join(
    shown.flatMap((curve, i): uPlot.AlignedData[] => {
      const { x, smoothed, raw } = trainingCurve(curve.points, what);
      const validated = curve.epochs.filter(({ valLoss }) => valLoss !== undefined);
      const newest = i === shown.length - 1;
      return [
        [x, smoothed, newest ? raw : x.map(() => null)],
        [
          validated.map((point) => point.x),
          validated.map((p) => drawable(what === 'loss' ? p.valLoss : p.valAccuracy)),
        ],
      ];
    }),
  );
}

function options(what: What, shown: readonly Curve[], target: HTMLElement): uPlot.Options {
  // Colours are asked for at each drawing, so that they follow the theme.
  const color = (name: string) => () => getComputedStyle(target).getPropertyValue(name);
  const axis = {
    stroke: color('--quiet'),
    grid: { stroke: color('--line'), width: 1 },
    ticks: { show: false },
    gap: 6,
    values: (_: uPlot, splits: number[]) => splits.map(formatTick),
  };
  const series = shown.flatMap(({ id }): uPlot.Series[] => {
    const stroke = color(curveColor(id));
    return [
      { stroke, width: 1.75, spanGaps: true, points: { show: false } },
      { stroke, width: 1, alpha: 0.3, spanGaps: true, points: { show: false } },
      { stroke, width: 2, dash: [6, 4], spanGaps: true, points: { show: true, size: 7, fill: stroke } },
    ];
  });
  return {
    width: target.clientWidth,
    height: HEIGHT,
    cursor: { show: false },
    legend: { show: false },
    scales: {
      x: { time: false, range: (_, __, max) => [0, Math.max(1, Math.ceil((max ?? 1) - 1e-6))] },
      y: { range: (_, __, max) => [0, what === 'loss' ? Math.max(0.1, (max ?? 1) * 1.05) : 1.02] },
    },
    axes: [
      { ...axis, size: 28, label: 'epoch', labelSize: 18, incrs: [0.25, 0.5, 1, 2, 5, 10, 20, 50, 100, 200] },
      {
        ...axis,
        size: 56,
        incrs: STEPS,
        label: what === 'loss' ? 'cross-entropy' : 'share of images right',
        labelSize: 20,
      },
    ],
    series: [{}, ...series],
  };
}
