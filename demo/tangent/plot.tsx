/** A plane with two axes, drawn at the width that it has on the screen, so that its text has the size of the page's. */
import type { ComponentChildren } from 'preact';
import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import { minus } from '../format.ts';

export interface Axis {
  readonly name: string;
  readonly from: number;
  readonly to: number;
  readonly log?: boolean;
  readonly ticks: readonly number[];
  readonly format?: (value: number) => string;
}

/** Pixels of numbers, and numbers of pixels, from the upper left corner inside the axes. */
export interface Place {
  x(value: number): number;
  y(value: number): number;
  /** Where a pointer is. */
  under(event: PointerEvent & { currentTarget: SVGElement }): readonly [x: number, y: number];
  /** A polyline's points. Numbers that are not finite are left out, those far outside come to the edge. */
  line(x: ArrayLike<number>, y: ArrayLike<number>): string;
}

const MARGIN = { left: 44, right: 20, top: 26, bottom: 40 };
/** Of a digit, rounded up, and of the gap between two numbers, in pixels. */
const [DIGIT, GAP] = [8, 8];
/** Further outside than this nothing is drawn. */
const OUTSIDE = 1000;

function placeOf(x: Axis, y: Axis, width: number, height: number): Place {
  const part = ({ from, to, log }: Axis, value: number) =>
    log ? Math.log(value / from) / Math.log(to / from) : (value - from) / (to - from);
  const at = ({ from, to, log }: Axis, part: number) => (log ? from * (to / from) ** part : from + part * (to - from));
  const place: Place = {
    x: (value) => width * part(x, value),
    y: (value) => height * (1 - part(y, value)),
    under({ clientX, clientY, currentTarget }) {
      const { left, top } = currentTarget.ownerSVGElement!.getBoundingClientRect();
      return [at(x, (clientX - left - MARGIN.left) / width), at(y, 1 - (clientY - top - MARGIN.top) / height)];
    },
    line: (xs, ys) =>
      Array.from(xs, (value, i) => [place.x(value), place.y(ys[i]!)] as const)
        .filter(([px, py]) => !Number.isNaN(px) && !Number.isNaN(py))
        .map(([px, py]) => `${px.toFixed(1)},${Math.max(-OUTSIDE, Math.min(OUTSIDE, py)).toFixed(1)}`)
        .join(' '),
  };
  return place;
}

const plain = (value: number) => minus(String(value));

/** Ticks that have a number: all, or every second or third, so that no two numbers touch. */
function numbered({ ticks, format = plain }: Axis, place: (value: number) => number): ReadonlySet<number> {
  const widest = DIGIT * Math.max(...ticks.map((tick) => format(tick).length)) + GAP;
  const apart = Math.min(...ticks.slice(1).map((tick, i) => place(tick) - place(ticks[i]!)));
  const every = Math.ceil(widest / apart);
  return new Set(ticks.filter((_, i) => i % every === 0));
}

export function Plot(props: {
  label: string;
  height: number;
  x: Axis;
  y: Axis;
  /** Drawn inside the axes, and cut off there. */
  children: (place: Place) => ComponentChildren;
  /** Drawn above it; may be reached by the keyboard. */
  handles?: (place: Place) => ComponentChildren;
}) {
  const { label, height, x, y, children, handles } = props;
  const box = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(340);
  useLayoutEffect(() => {
    const element = box.current!;
    const measure = () => setWidth(element.clientWidth);
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  const inner = {
    width: Math.max(1, width - MARGIN.left - MARGIN.right),
    height: height - MARGIN.top - MARGIN.bottom,
  };
  const place = placeOf(x, y, inner.width, inner.height);
  const withNumber = numbered(x, place.x);
  return (
    <div class="plot" ref={box} style={{ height: `${height}px` }}>
      {/* biome-ignore lint/a11y/useSemanticElements: a drawing with handles in it is a group, and no fieldset */}
      <svg data-live role="group" aria-label={label} width={width} height={height}>
        <g transform={`translate(${MARGIN.left} ${MARGIN.top})`}>
          {x.ticks.map((tick) => (
            <g key={tick} transform={`translate(${place.x(tick)} 0)`}>
              <line class="grid-line" y2={inner.height} />
              {withNumber.has(tick) && (
                <text class="x-tick" y={inner.height + 17}>
                  {(x.format ?? plain)(tick)}
                </text>
              )}
            </g>
          ))}
          {y.ticks.map((tick) => (
            <g key={tick} transform={`translate(0 ${place.y(tick)})`}>
              <line class="grid-line" x2={inner.width} />
              <text class="y-tick" x={-7} y={4}>
                {(y.format ?? plain)(tick)}
              </text>
            </g>
          ))}
          <text class="x-name" x={inner.width} y={inner.height + 35}>
            {x.name}
          </text>
          <text class="y-name" x={-MARGIN.left} y={-12}>
            {y.name}
          </text>
          <svg class="inside" width={inner.width} height={inner.height} aria-hidden="true">
            {children(place)}
          </svg>
          {handles?.(place)}
        </g>
      </svg>
    </div>
  );
}
