/** Form controls with their labels. */
import type { ComponentChildren } from 'preact';
import { useEffect, useId, useRef, useState } from 'preact/hooks';
import { readNumber, refusal, wantedNumber } from './typedNumber.ts';

interface FieldProps {
  label: string;
  /** Explains more than a label can. */
  hint?: string;
}

/** Long enough to read why. */
const REFUSED_MS = 10_000;

/**
 * A number that the user types. Only values in the range are passed on. Another one is marked while it is typed; when typing is
 * over (Enter, or the focus leaves), the value from before comes back, and the reason stays for a while.
 */
export function NumberField(
  props: FieldProps & {
    value: number;
    onChange: (value: number) => void;
    min: number;
    max: number;
    /** Only whole numbers. */
    whole?: boolean;
    disabled?: boolean;
    /** Passed on when typing is over, not with each key: for what acts at once, where `1` on the way to `1e-4` would do harm. */
    whenDone?: boolean;
  },
) {
  const { label, hint, value, onChange, min, max, whole = false, disabled = false, whenDone = false } = props;
  const id = useId();
  const range = { min, max, whole };
  const [text, setText] = useState(String(value));
  const [refused, setRefused] = useState<string>();
  const before = useRef(value);
  useEffect(() => {
    // A value that came from elsewhere replaces the text; one that stems from the text leaves it ("1e-3" stays).
    if (readNumber(text, range) === value) return;
    setText(String(value));
    setRefused(undefined);
    before.current = value;
  }, [value]);
  useEffect(() => {
    // The field holds a valid number again: why another one was refused is soon old.
    if (refused === undefined) return;
    const timer = setTimeout(setRefused, REFUSED_MS, undefined);
    return () => clearTimeout(timer);
  }, [refused]);
  const type = (typed: string) => {
    setText(typed);
    setRefused(undefined);
    const n = readNumber(typed, range);
    if (!whenDone && !Number.isNaN(n)) onChange(n);
  };
  const take = (typed: string) => {
    const n = readNumber(typed, range);
    if (Number.isNaN(n)) {
      setText(String(before.current));
      setRefused(typed);
    } else before.current = n;
    if (before.current !== value) onChange(before.current);
  };
  const number = readNumber(text, range);
  const valid = !Number.isNaN(number);
  let problem = valid ? undefined : wantedNumber(text, range);
  if (refused !== undefined) problem = refusal(refused, range);
  const said = problem ?? (whenDone && number !== value ? 'Enter applies it' : hint);
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <input
        id={id}
        type="text"
        inputMode={whole ? 'numeric' : 'decimal'}
        autocomplete="off"
        size={8}
        value={text}
        disabled={disabled}
        aria-invalid={!valid}
        aria-describedby={said ? `${id}-hint` : undefined}
        onFocus={() => {
          before.current = value;
          setRefused(undefined);
        }}
        onInput={(event) => type(event.currentTarget.value)}
        onChange={(event) => take(event.currentTarget.value)}
      />
      {said && (
        <span
          id={`${id}-hint`}
          class={problem ? 'field-problem' : 'field-hint'}
          role={refused === undefined ? undefined : 'alert'}
        >
          {said}
        </span>
      )}
    </div>
  );
}

/** A choice among a few named values. */
export function SelectField<T extends string>(
  props: FieldProps & {
    value: T;
    options: readonly { value: T; label: string }[];
    onChange: (value: T) => void;
    disabled?: boolean;
  },
) {
  const id = useId();
  return (
    <div class="field">
      <label for={id}>{props.label}</label>
      <select
        id={id}
        value={props.value}
        disabled={props.disabled}
        aria-describedby={props.hint ? `${id}-hint` : undefined}
        onChange={(event) => props.onChange(event.currentTarget.value as T)}
      >
        {props.options.map(({ value, label }) => (
          <option key={value} value={value} selected={value === props.value}>
            {label}
          </option>
        ))}
      </select>
      {props.hint && (
        <span id={`${id}-hint`} class="field-hint">
          {props.hint}
        </span>
      )}
    </div>
  );
}

export function CheckField(props: { label: string; checked: boolean; onChange: (checked: boolean) => void }) {
  return (
    <label class="check">
      <input
        type="checkbox"
        checked={props.checked}
        onChange={(event) => props.onChange(event.currentTarget.checked)}
      />
      {props.label}
    </label>
  );
}

/** Two or three choices side by side, of which one holds. */
export function Segmented<T extends string>(props: {
  label: string;
  value: T;
  /** The one that holds until the chosen one can. Default: the chosen one. */
  inForce?: T;
  options: readonly { value: T; label: string }[];
  onChange: (value: T) => void;
}) {
  const name = useId();
  const inForce = props.inForce ?? props.value;
  const kindOf = (value: T) => (value === inForce ? 'chosen' : value === props.value ? 'awaited' : '');
  return (
    <fieldset class="segmented">
      <legend>{props.label}</legend>
      {props.options.map(({ value, label }) => (
        <label key={value} class={kindOf(value)}>
          <input type="radio" name={name} checked={value === props.value} onChange={() => props.onChange(value)} />
          {label}
        </label>
      ))}
    </fieldset>
  );
}

/** Copies a text. @param onFail the browser does not allow it: let the text be copied by hand */
export function CopyButton(props: {
  text: string;
  children: ComponentChildren;
  kind?: 'main' | 'plain';
  onFail?: () => void;
}) {
  const [copied, setCopied] = useState(false);
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(props.text);
      setCopied(true);
    } catch {
      props.onFail?.();
    }
  };
  return (
    <Button kind={props.kind ?? 'plain'} onClick={copy}>
      {copied ? 'Copied' : props.children}
    </Button>
  );
}

export function Button(props: {
  children: ComponentChildren;
  onClick: () => void;
  /** `main` stands out, `quiet` looks like text. */
  kind?: 'main' | 'plain' | 'quiet';
  disabled?: boolean;
  /** Does nothing now, and looks so, but keeps the focus, which a disabled button loses; `onClick` ignores the click. */
  resting?: boolean;
  /** What it does, where the text alone does not say it. */
  label?: string;
  pressed?: boolean;
  id?: string;
}) {
  return (
    <button
      type="button"
      id={props.id}
      class={`button ${props.kind ?? 'plain'}`}
      disabled={props.disabled}
      aria-disabled={props.resting}
      aria-label={props.label}
      title={props.label}
      aria-pressed={props.pressed}
      onClick={props.onClick}
    >
      {props.children}
    </button>
  );
}
