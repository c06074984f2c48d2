/** Where the window is: it sweeps over the picture by itself, row by row, until the visitor takes it. */
import { useEffect, useRef, useState } from 'preact/hooks';
import { SIZE } from './picture.ts';

/** Of a whole sweep. */
const SECONDS = 14;
/** A slow frame moves the window no farther than this. */
const MOST_SECONDS = 0.1;

/** The pixel in the middle of the window. */
export interface Place {
  readonly row: number;
  readonly column: number;
}

export interface Sweep {
  readonly place: Place;
  readonly running: boolean;
  /** Of each pixel, whether the window's middle has been there; changed in place. */
  readonly seen: Uint8Array;
  start(): void;
  stop(): void;
  /** Stops, and moves the window; all places in between are seen as well. */
  moveTo(place: Place): void;
  /** Stops where it is: everything is seen. */
  seeAll(): void;
}

const prefersRest = () => matchMedia('(prefers-reduced-motion: reduce)').matches;

/** @param radius pixels of the window on each side of its middle. @param visible it moves only where it is seen */
export function useSweep(radius: number, visible: boolean): Sweep {
  const [rest] = useState(prefersRest);
  const seen = useRef<Uint8Array>(null);
  seen.current ??= new Uint8Array(SIZE ** 2).fill(rest ? 1 : 0);
  const done = useRef(0);
  const [running, setRunning] = useState(!rest);
  const [wanted, setPlace] = useState<Place>(rest ? { row: 24, column: 24 } : { row: 0, column: 0 });
  const within = (n: number) => Math.min(SIZE - 1 - radius, Math.max(radius, Math.round(n)));
  const place = { row: within(wanted.row), column: within(wanted.column) };

  useEffect(() => {
    if (!running || !visible) return;
    const side = SIZE - 2 * radius;
    const count = side ** 2;
    let before = performance.now();
    let frame = requestAnimationFrame(function step(now: number) {
      const seconds = Math.min(MOST_SECONDS, Math.max(0, (now - before) / 1000));
      before = now;
      const from = Math.floor(done.current);
      done.current = Math.min(count, done.current + (seconds / SECONDS) * count);
      const to = Math.min(count - 1, Math.floor(done.current));
      const at = (i: number) => ({ row: radius + Math.floor(i / side), column: radius + (i % side) });
      for (let i = from; i <= to; i++) mark(seen.current!, at(i));
      setPlace(at(to));
      if (done.current < count) frame = requestAnimationFrame(step);
      else setRunning(false);
    });
    return () => cancelAnimationFrame(frame);
  }, [running, visible, radius]);

  return {
    place,
    running,
    seen: seen.current,
    start() {
      if (done.current >= (SIZE - 2 * radius) ** 2 || seen.current!.every(Boolean)) {
        done.current = 0;
        seen.current!.fill(0);
      }
      setRunning(true);
    },
    stop: () => setRunning(false),
    moveTo(next) {
      setRunning(false);
      const to = { row: within(next.row), column: within(next.column) };
      const steps = Math.max(1, Math.abs(to.row - place.row), Math.abs(to.column - place.column));
      for (let i = 0; i <= steps; i++) {
        mark(seen.current!, {
          row: Math.round(place.row + ((to.row - place.row) * i) / steps),
          column: Math.round(place.column + ((to.column - place.column) * i) / steps),
        });
      }
      setPlace(to);
    },
    seeAll() {
      setRunning(false);
      seen.current!.fill(1);
    },
  };
}

function mark(seen: Uint8Array, { row, column }: Place): void {
  seen[row * SIZE + column] = 1;
}
