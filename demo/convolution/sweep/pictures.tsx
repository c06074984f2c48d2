/** The two pictures of the sweep: what the window lies over, and what it has computed. */

import { grey, paint } from 'neurite/vis';
import type { ComponentChildren } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';
import type { Array64 } from '../../lesson/reference/array64.ts';
import { SIZE } from './picture.ts';
import { drawResult, type Look, type Result } from './result.ts';
import type { Place, Sweep } from './useSweep.ts';

/** The picture, with the window, which is moved by dragging and by the arrow keys. */
export function InputPicture({ picture, sweep, radius }: { picture: Array64; sweep: Sweep; radius: number }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useLayoutEffect(() => {
    paint(canvas.current!, picture.data, { width: SIZE, height: SIZE }, grey, { low: 0, high: 1 });
  }, [picture]);
  const { row, column } = sweep.place;
  const width = 2 * radius + 1;
  return (
    <Draggable sweep={sweep} label={`Picture; window at row ${row + 1}, column ${column + 1}. Arrow keys move it`}>
      <canvas ref={canvas} width={SIZE} height={SIZE} data-live />
      <Outline x={column - radius} y={row - radius} size={width} />
    </Draggable>
  );
}

export function ResultPicture(props: { values: ArrayLike<number>; look: Look; result: Result; sweep: Sweep }) {
  const { values, look, result, sweep } = props;
  const canvas = useRef<HTMLCanvasElement>(null);
  useLayoutEffect(() => {
    drawResult(canvas.current!, values, look, result, sweep.seen);
  }); // each time: `seen` is changed in place
  return (
    <Draggable sweep={sweep} label="Result. Arrow keys move the window">
      <canvas ref={canvas} width={SIZE} height={SIZE} data-live />
      <Outline x={sweep.place.column} y={sweep.place.row} size={1} />
    </Draggable>
  );
}

/** A square around pixels. */
function Outline({ x, y, size }: { x: number; y: number; size: number }) {
  return (
    <svg viewBox={`0 0 ${SIZE} ${SIZE}`} aria-hidden="true">
      <rect {...{ x, y }} width={size} height={size} class="outline-dark" />
      <rect {...{ x, y }} width={size} height={size} class="outline" />
    </svg>
  );
}

const STEPS: Readonly<Record<string, readonly [rows: number, columns: number]>> = {
  ArrowUp: [-1, 0],
  ArrowDown: [1, 0],
  ArrowLeft: [0, -1],
  ArrowRight: [0, 1],
};

/** @param props.children drawings of SIZE x SIZE pixels, one above the other */
function Draggable({ sweep, label, children }: { sweep: Sweep; label: string; children: ComponentChildren }) {
  const move = (event: PointerEvent & { currentTarget: HTMLElement }) => {
    const box = event.currentTarget.getBoundingClientRect();
    const pixel = (at: number, from: number, length: number) => Math.floor(((at - from) / length) * SIZE);
    sweep.moveTo({
      row: pixel(event.clientY, box.top, box.height),
      column: pixel(event.clientX, box.left, box.width),
    });
  };
  return (
    <button
      type="button"
      class="sweep-picture"
      aria-label={label}
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId);
        move(event);
      }}
      onPointerMove={(event) => event.currentTarget.hasPointerCapture(event.pointerId) && move(event)}
      onKeyDown={(event) => {
        const step = STEPS[event.key];
        if (!step) return;
        event.preventDefault();
        const by = event.shiftKey ? 8 : 1;
        const { row, column } = sweep.place;
        sweep.moveTo({ row: row + by * step[0], column: column + by * step[1] } satisfies Place);
      }}
    >
      {children}
    </button>
  );
}
