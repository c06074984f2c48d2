/** The network of the presses: values appear as they are computed, and gradients below them on the way back. */
import type { Inputs, Values, WeightName } from './backprop.ts';
import { type Press, short } from './presses.ts';

const [WIDTH, HEIGHT] = [380, 280];
const RADIUS = 25;
const COLUMNS = { x: 28, h: 140, f: 254, L: 352 };

/** One weight, by its matrix and its index there. */
export interface Chosen {
  readonly name: WeightName;
  readonly index: number;
}

const rowsOf = (count: number) => Array.from({ length: count }, (_, i) => (HEIGHT * (i + 0.5)) / count);

interface NodeProps {
  x: number;
  y: number;
  name: string;
  value: string | undefined;
  gradient: string | undefined;
  lit: boolean;
}

export function Diagram(props: {
  inputs: Inputs;
  values: Values;
  /** Presses so far; the last one is lit. */
  done: readonly Press[];
  chosen: Chosen;
  onChoose: (chosen: Chosen) => void;
}) {
  const { inputs, values, done, chosen, onChoose } = props;
  const { weights, x, kind } = inputs;
  const known = new Set(done.map(({ result }) => result));
  const now = done.at(-1)!;
  const outputs = values.f.data.length;
  const [xRows, hRows, fRows] = [rowsOf(2), rowsOf(3), rowsOf(outputs)];
  const hidden = known.has('h') ? 'h' : 'u';
  const hiddenGradient = known.has('du') ? 'du' : 'dh';
  const text = (name: keyof Values, i: number) => (known.has(name) ? short(values[name].data[i]!) : undefined);
  const edge = (name: 'W₁' | 'W₂', to: number, from: number) => {
    const inputsOf = name === 'W₁' ? 2 : 3;
    const index = to * inputsOf + from;
    const weight = weights[name].data[index]!;
    const lit = now.edges.includes(name === 'W₁' ? 'first' : 'second');
    const isChosen = chosen.name === name && chosen.index === index;
    const [x1, y1] = name === 'W₁' ? [COLUMNS.x, xRows[from]!] : [COLUMNS.h, hRows[from]!];
    const [x2, y2] = name === 'W₁' ? [COLUMNS.h, hRows[to]!] : [COLUMNS.f, fRows[to]!];
    return (
      // biome-ignore lint/a11y/noStaticElementInteractions: the same weights are buttons below, for the keyboard
      <g
        key={`${name}${index}`}
        class={`${weight < 0 ? 'negative' : 'positive'} ${lit ? 'lit' : ''} ${isChosen ? 'chosen' : ''}`}
        onClick={() => onChoose({ name, index })}
      >
        <line class="hit" {...{ x1, y1, x2, y2 }} />
        <line {...{ x1, y1, x2, y2 }} style={{ strokeWidth: 1 + 2.5 * Math.abs(weight) }} />
      </g>
    );
  };
  return (
    <svg class="diagram" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label="The network: x, h, f and the loss L">
      {hRows.flatMap((_, to) => xRows.map((_, from) => edge('W₁', to, from)))}
      {fRows.flatMap((_, to) => hRows.map((_, from) => edge('W₂', to, from)))}
      {fRows.map((y) => (
        <g key={y} class={`plain ${now.edges.includes('loss') ? 'lit' : ''}`}>
          <line x1={COLUMNS.f} y1={y} x2={COLUMNS.L} y2={HEIGHT / 2} />
        </g>
      ))}
      {xRows.map((y, i) => (
        <Node
          key={y}
          {...{ x: COLUMNS.x, y }}
          name={`x${'₁₂'[i]}`}
          value={short(x.data[i]!)}
          gradient={undefined}
          lit={now.result === 'x'}
        />
      ))}
      {hRows.map((y, i) => (
        <Node
          key={y}
          {...{ x: COLUMNS.h, y }}
          name={`${hidden}${'₁₂₃'[i]}`}
          value={text(hidden, i)}
          gradient={text(hiddenGradient, i)}
          lit={['u', 'h', 'dh', 'du', 'db₁'].includes(now.result)}
        />
      ))}
      {fRows.map((y, i) => (
        <Node
          key={y}
          {...{ x: COLUMNS.f, y }}
          name={known.has('p') && kind === 'softmax' ? `p${'₁₂₃'[i]}` : `f${outputs > 1 ? '₁₂₃'[i] : ''}`}
          value={text(known.has('p') && kind === 'softmax' ? 'p' : 'f', i)}
          gradient={text('df', i)}
          lit={['f', 'p', 'df', 'db₂'].includes(now.result)}
        />
      ))}
      <Node
        {...{ x: COLUMNS.L, y: HEIGHT / 2 }}
        name="L"
        value={text('L', 0)}
        gradient={undefined}
        lit={now.result === 'L'}
      />
    </svg>
  );
}

function Node({ x, y, name, value, gradient, lit }: NodeProps) {
  return (
    <g class={`node ${lit ? 'lit' : ''}`}>
      <circle cx={x} cy={y} r={RADIUS} />
      <text x={x} y={value === undefined ? y + 5 : y - 3}>
        {name}
      </text>
      {value !== undefined && (
        <text class="node-value" x={x} y={y + 13}>
          {value}
        </text>
      )}
      {gradient !== undefined && (
        <text class="node-gradient" x={x} y={y + RADIUS + 16}>
          ∂ {gradient}
        </text>
      )}
    </g>
  );
}
