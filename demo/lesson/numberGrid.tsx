/**
 * Numbers in rows and columns. Those of a NumberGrid are edited: typed, by the arrow keys up and down, or by dragging up and
 * down, with the mouse or a finger. Those of a CellGrid are looked at, one at a time.
 */
import { useRef, useState } from 'preact/hooks';
import { readNumber, refusal } from '../ui/typedNumber.ts';

interface GridProps {
  label: string;
  /** Row by row. */
  values: ArrayLike<number>;
  columns: number;
  /** A class for some cells: `lit`, `quiet`, or one of the page's own. */
  classOf?: (index: number) => string | undefined;
  format?: (value: number) => string;
}

const placeOf = (index: number, columns: number) =>
  `row ${Math.floor(index / columns) + 1}, column ${(index % columns) + 1}`;

export function NumberGrid(
  props: GridProps & {
    onChange: (values: number[]) => void;
    min?: number;
    max?: number;
    step?: number;
    /** The cell that is touched or has the focus; undefined when it is left. */
    onPoint?: (index: number | undefined) => void;
  },
) {
  const { label, values, columns, onChange, min = -99, max = 99, step = 1, classOf, format, onPoint } = props;
  const list = Array.from(values);
  const [refused, setRefused] = useState<string>();
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset cannot be a grid in every browser
    <div class="number-grid" role="group" aria-label={label} style={columnsOf(columns)}>
      {list.map((value, index) => (
        <NumberCell
          key={`${index}`}
          label={`${label}, ${placeOf(index, columns)}`}
          class={classOf?.(index)}
          format={format ?? String}
          {...{ value, min, max, step }}
          onChange={(next) => onChange(list.with(index, next))}
          onRefuse={setRefused}
          onPoint={(on) => onPoint?.(on ? index : undefined)}
        />
      ))}
      {refused && (
        <span class="refused" role="alert">
          {refused}
        </span>
      )}
    </div>
  );
}

/** Pixels that the pointer moves for one step. */
const PIXELS = 10;
/** A hand trembles; below this it is a click. */
const LEAST_PIXELS = 4;

function NumberCell(props: {
  label: string;
  class: string | undefined;
  value: number;
  min: number;
  max: number;
  step: number;
  format: (value: number) => string;
  onChange: (value: number) => void;
  /** With why a text is no number for it; undefined once another one is typed. */
  onRefuse: (why: string | undefined) => void;
  onPoint: (on: boolean) => void;
}) {
  const { label, value, min, max, step, format, onChange, onRefuse, onPoint } = props;
  const range = { min, max, whole: false };
  const [typed, setTyped] = useState<string>();
  const before = useRef(value);
  const drag = useRef<{ y: number; from: number; moved: boolean } | undefined>(undefined);
  const change = (next: number) => {
    setTyped(undefined);
    onRefuse(undefined);
    // Steps of 0.1 must not add up to 0.30000000000000004.
    before.current = Math.min(max, Math.max(min, Number((Math.round(next / step) * step).toFixed(6))));
    onChange(before.current);
  };
  return (
    <input
      type="text"
      inputMode="decimal"
      autocomplete="off"
      class={`cell ${props.class ?? ''}`}
      role="spinbutton"
      aria-label={label}
      aria-valuenow={value}
      aria-valuemin={min}
      aria-valuemax={max}
      value={typed ?? format(value)}
      aria-invalid={typed !== undefined && Number.isNaN(readNumber(typed, range))}
      onInput={(event) => {
        const text = event.currentTarget.value;
        setTyped(text);
        onRefuse(undefined);
        const number = readNumber(text, range);
        if (!Number.isNaN(number)) onChange(number);
      }}
      onChange={() => {
        if (!Number.isNaN(readNumber(typed ?? '', range))) before.current = value;
      }}
      onFocus={() => {
        before.current = value;
        onPoint(true);
      }}
      onBlur={() => {
        if (typed !== undefined && Number.isNaN(readNumber(typed, range))) {
          // Not the number that its first digits happen to be.
          onChange(before.current);
          onRefuse(refusal(typed, range));
        } else onRefuse(undefined);
        setTyped(undefined);
        onPoint(false);
      }}
      onKeyDown={(event) => {
        const direction = { ArrowUp: 1, ArrowDown: -1 }[event.key];
        if (!direction) return;
        event.preventDefault();
        change(value + direction * step * (event.shiftKey ? 10 : 1));
      }}
      onPointerEnter={() => onPoint(true)}
      onPointerLeave={() => !drag.current && onPoint(false)}
      onPointerDown={(event) => {
        drag.current = { y: event.clientY, from: value, moved: false };
        event.currentTarget.setPointerCapture(event.pointerId);
      }}
      onPointerMove={(event) => {
        const now = drag.current;
        if (!now) return;
        const up = now.y - event.clientY;
        if (!now.moved && Math.abs(up) < LEAST_PIXELS) return;
        now.moved = true;
        event.preventDefault();
        change(now.from + Math.round(up / PIXELS) * step);
      }}
      onLostPointerCapture={() => {
        drag.current = undefined;
      }}
    />
  );
}

/** One cell is chosen: by pointing at it, by a tap, or by the arrow keys. @param props.styleOf colours of some cells */
export function CellGrid(
  props: GridProps & {
    chosen: number | undefined;
    onChoose: (index: number) => void;
    styleOf?: (index: number) => { background: string; color: string };
  },
) {
  const { label, values, columns, classOf, styleOf, format = String, chosen, onChoose } = props;
  const grid = useRef<HTMLDivElement>(null);
  const list = Array.from(values);
  const move = (index: number, key: string) => {
    const by = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -columns, ArrowDown: columns }[key];
    if (by === undefined) return false;
    const next = index + by;
    const sameRow = Math.floor(next / columns) === Math.floor(index / columns);
    if (next < 0 || next >= list.length || (Math.abs(by) === 1 && columns > 1 && !sameRow)) return true;
    onChoose(next);
    (grid.current!.children[next] as HTMLElement).focus();
    return true;
  };
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset cannot be a grid in every browser
    <div class="number-grid" role="group" aria-label={label} style={columnsOf(columns)} ref={grid}>
      {list.map((value, index) => (
        <button
          key={`${index}`}
          type="button"
          class={`cell ${index === chosen ? 'chosen' : ''} ${classOf?.(index) ?? ''}`}
          style={styleOf?.(index)}
          aria-pressed={index === chosen}
          aria-label={`${placeOf(index, columns)}: ${format(value)}`}
          tabIndex={index === (chosen ?? 0) ? 0 : -1}
          onPointerEnter={() => onChoose(index)}
          onFocus={() => onChoose(index)}
          onClick={() => onChoose(index)}
          onKeyDown={(event) => move(index, event.key) && event.preventDefault()}
        >
          {/* Another text, not one that moves when it gains a sign: to the browser that would be a page that moves. */}
          <span key={format(value)}>{format(value)}</span>
        </button>
      ))}
    </div>
  );
}

const columnsOf = (columns: number) => ({ gridTemplateColumns: `repeat(${columns}, var(--cell))` });
