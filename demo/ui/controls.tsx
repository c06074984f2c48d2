/** Form controls with their labels. */
import type { ComponentChildren } from 'preact';
import { useEffect, useId, useState } from 'preact/hooks';

interface FieldProps {
  label: string;
  /** Explains more than a label can. */
  hint?: string;
}

/** A number that the user types. Only values in the range are passed on; another one is marked, with the reason. */
export function NumberField(
  props: FieldProps & {
    value: number;
    onChange: (value: number) => void;
    min: number;
    max: number;
    /** Only whole numbers. */
    whole?: boolean;
    disabled?: boolean;
  },
) {
  const { label, hint, value, onChange, min, max, whole = false, disabled = false } = props;
  const id = useId();
  const [text, setText] = useState(String(value));
  useEffect(() => {
    // A value that came from elsewhere replaces the text; one that stems from the text leaves it ("1e-3" stays).
    if (read(text) !== value) setText(String(value));
  }, [value]);
  const number = read(text);
  const valid = number >= min && number <= max && (!whole || Number.isInteger(number));
  const problem = valid ? undefined : `${whole ? 'a whole number' : 'a number'} from ${min} to ${max}`;
  const type = (typed: string) => {
    setText(typed);
    const n = read(typed);
    if (n >= min && n <= max && (!whole || Number.isInteger(n))) onChange(n);
  };
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
        aria-describedby={problem || hint ? `${id}-hint` : undefined}
        onInput={(event) => type(event.currentTarget.value)}
        // What was never taken over does not stay as if it were.
        onBlur={() => !valid && setText(String(value))}
      />
      {(problem || hint) && (
        <span id={`${id}-hint`} class={problem ? 'field-problem' : 'field-hint'}>
          {problem ?? hint}
        </span>
      )}
    </div>
  );
}

/** With a decimal point or comma; NaN for anything else. */
const read = (text: string) => (/^\s*[-+]?[\d.,]/.test(text) ? Number(text.replace(',', '.')) : Number.NaN);

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
  options: readonly { value: T; label: string }[];
  onChange: (value: T) => void;
}) {
  const name = useId();
  return (
    <fieldset class="segmented">
      <legend>{props.label}</legend>
      {props.options.map(({ value, label }) => (
        <label key={value} class={value === props.value ? 'chosen' : ''}>
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
  /** What it does, where the text alone does not say it. */
  label?: string;
  pressed?: boolean;
}) {
  return (
    <button
      type="button"
      class={`button ${props.kind ?? 'plain'}`}
      disabled={props.disabled}
      aria-label={props.label}
      title={props.label}
      aria-pressed={props.pressed}
      onClick={props.onClick}
    >
      {props.children}
    </button>
  );
}
