/** Three bars; where they can be changed, each is dragged up and down, or moved by the arrow keys. */
import { formatFixed } from '../../lesson/verified.tsx';

const [WIDTH, HEIGHT, STEP] = [150, 160, 0.1];

export function Bars(props: {
  title: string;
  /** Of one bar, for screen readers: `Logit`. */
  name?: string;
  values: ArrayLike<number>;
  low: number;
  high: number;
  digits: number;
  /** The true class. */
  chosen?: number;
  signed?: boolean;
  onChange?: (index: number, value: number) => void;
}) {
  const { title, name, values, low, high, digits, chosen, signed = false, onChange } = props;
  const count = values.length;
  const y = (value: number) => ((high - value) / (high - low)) * HEIGHT;
  const width = WIDTH / count;
  const take = (index: number, value: number) =>
    onChange?.(index, Math.max(low, Math.min(high, Math.round(value / STEP) / (1 / STEP))));
  const drag = (index: number, event: PointerEvent & { currentTarget: SVGGElement }) => {
    const box = event.currentTarget.ownerSVGElement!.getBoundingClientRect();
    take(index, high - ((event.clientY - box.top) / box.height) * (high - low));
  };
  const bars = Array.from(values, (value, k) => {
    const label = `${title}, class ${k + 1}: ${formatFixed(value, digits)}`;
    const shape = (
      <>
        <rect class="hit" x={k * width} y={0} width={width} height={HEIGHT} />
        <rect
          class={`bar ${signed ? (value < 0 ? 'negative' : 'positive') : ''} ${k === chosen ? 'chosen' : ''}`}
          x={(k + 0.18) * width}
          y={Math.min(y(value), y(0))}
          width={0.64 * width}
          height={Math.max(1, Math.abs(y(value) - y(0)))}
        />
      </>
    );
    if (!onChange) return <g key={`${k}`}>{shape}</g>;
    return (
      <g
        key={`${k}`}
        class="handle"
        role="slider"
        tabindex={0} // SVG knows it in this spelling alone
        aria-label={`${name} ${k + 1}`}
        aria-orientation="vertical"
        aria-valuenow={value}
        aria-valuemin={low}
        aria-valuemax={high}
        aria-valuetext={label}
        onPointerDown={(event) => {
          event.currentTarget.setPointerCapture(event.pointerId);
          drag(k, event);
        }}
        onPointerMove={(event) => event.currentTarget.hasPointerCapture(event.pointerId) && drag(k, event)}
        onKeyDown={(event) => {
          const by = { ArrowUp: 1, ArrowRight: 1, ArrowDown: -1, ArrowLeft: -1 }[event.key];
          if (by === undefined) return;
          event.preventDefault();
          take(k, value + by * STEP);
        }}
      >
        {shape}
        <line class="grip" x1={(k + 0.1) * width} x2={(k + 0.9) * width} y1={y(value)} y2={y(value)} />
      </g>
    );
  });
  const label = `${title}: ${Array.from(values, (value) => formatFixed(value, digits)).join(', ')}`;
  return (
    <div class="bar-chart">
      <h3>{title}</h3>
      {/* biome-ignore lint/a11y/noSvgWithoutTitle: it has a label, as a group where its bars are sliders, else as a picture */}
      <svg
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        {...(onChange
          ? { role: 'group' as const, 'aria-label': title }
          : { role: 'img' as const, 'aria-label': label })}
      >
        {bars}
        <line class="axis" x1={0} y1={y(0)} x2={WIDTH} y2={y(0)} />
      </svg>
      <div class="bar-values" aria-hidden="true">
        {Array.from(values, (value, k) => (
          <span key={`${k}`}>{formatFixed(value, digits)}</span>
        ))}
      </div>
    </div>
  );
}
