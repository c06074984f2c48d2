import { useId } from 'preact/hooks';

/** A number to be moved, with its value beside it. @param props.format the value as text; of a width that hardly changes */
export function Slider(props: {
  label: string;
  value: number;
  min: number;
  max: number;
  step: number;
  onChange: (value: number) => void;
  format?: (value: number) => string;
}) {
  const { label, value, min, max, step, onChange, format = String } = props;
  const id = useId();
  const width = Math.max(format(min).length, format(max).length, format(value).length);
  return (
    <div class="slider">
      <label for={id}>{label}</label>
      <input
        id={id}
        type="range"
        min={min}
        max={max}
        step={step}
        value={value}
        aria-valuetext={format(value)}
        onInput={(event) => onChange(event.currentTarget.valueAsNumber)}
      />
      <span class="slider-value" aria-hidden="true" style={{ minWidth: `${width}ch` }}>
        {format(value)}
      </span>
    </div>
  );
}
