/** One option of a layer as a field of the editor. */
import { useEffect, useId, useState } from 'preact/hooks';
import { type Field, formatValue, parseValue } from './fields.ts';

/** One option of a layer. What is typed is passed on as it is: the engine says what does not fit. */
export function OptionField(props: {
  field: Field;
  value: unknown;
  onChange: (value: unknown) => void;
  layer: string;
}) {
  const { field, value, onChange, layer } = props;
  const id = useId();
  const label = `${layer}: ${field.label}`;
  if (field.kind === 'switch') {
    const checked = (value ?? field.standard) === true;
    return (
      <label class="check option">
        <input
          type="checkbox"
          checked={checked}
          aria-label={label}
          onChange={({ currentTarget }) =>
            onChange(currentTarget.checked === field.standard ? undefined : currentTarget.checked)
          }
        />
        {field.label}
      </label>
    );
  }
  return (
    <span class="option">
      <label for={id}>{field.label}</label>
      {field.kind === 'choice' ? (
        <select
          id={id}
          aria-label={label}
          value={formatValue(value ?? field.standard)}
          onChange={(event) => onChange(event.currentTarget.value)}
        >
          {field.choices!.map((choice) => (
            <option key={choice} value={choice} selected={choice === (value ?? field.standard)}>
              {choice}
            </option>
          ))}
        </select>
      ) : (
        <TextOption id={id} field={field} label={label} value={value} onChange={onChange} />
      )}
    </span>
  );
}

function TextOption(props: {
  id: string;
  field: Field;
  label: string;
  value: unknown;
  onChange: (value: unknown) => void;
}) {
  const { id, field, label, value, onChange } = props;
  const [text, setText] = useState(formatValue(value));
  const parsed = parseValue(field.kind, text);
  useEffect(() => {
    // A value from elsewhere (a preset, an undo) replaces the text; one that the text says leaves it as it was typed.
    if (JSON.stringify(parsed) !== JSON.stringify(value)) setText(formatValue(value));
  }, [JSON.stringify(value)]);
  const wrong = [parsed].flat().some((number) => number !== undefined && Number.isNaN(number));
  return (
    <input
      id={id}
      type="text"
      inputMode={field.kind === 'number' ? 'decimal' : 'text'}
      size={field.kind === 'number' ? 4 : 6}
      autocomplete="off"
      aria-label={label}
      aria-invalid={wrong}
      placeholder={formatValue(field.standard)}
      value={text}
      onInput={({ currentTarget }) => {
        setText(currentTarget.value);
        onChange(parseValue(field.kind, currentTarget.value));
      }}
    />
  );
}
