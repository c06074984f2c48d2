import { type Palette, paint, type Range } from 'neurite/vis';
import { useRef } from 'preact/hooks';
import { usePaint } from './painter.ts';

interface MapProps {
  /** `[height, width, channels]` */
  values: ArrayLike<number>;
  shape: readonly number[];
  channel?: number;
  colors: Palette;
  range: Range;
  /** What it shows; absent where the text beside it says so. */
  label?: string;
  /** It is drawn on arrival: tests look for it. */
  live?: boolean;
}

/** One channel as a picture, its pixels as they are. */
export function ChannelMap({ values, shape, channel = 0, colors, range, label, live }: MapProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const [height, width, channels = 1] = shape as [number, number, number?];
  usePaint(canvas, (target) => paint(target, values, { width, height, channels, channel }, colors, range), [
    values,
    channel,
    colors,
    range.low,
    range.high,
  ]);
  const named = label ? { role: 'img' as const, 'aria-label': label } : { 'aria-hidden': true as const };
  return <canvas ref={canvas} class="map" data-live={live} width={width} height={height} {...named} />;
}
