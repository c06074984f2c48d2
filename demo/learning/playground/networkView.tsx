/**
 * The network from left to right: features, hidden layers, output. Each unit is a small picture of what it makes of the square, each
 * weight an edge: the wider the larger, green above zero and violet below it.
 */

import { diverging, symmetricRange } from 'neurite/vis';
import type { ComponentChildren } from 'preact';
import { ChannelMap } from '../../draw/channelMap.tsx';
import type { DenseLayer } from '../../lesson/reference/network.ts';
import { FEATURES, featuresOf, GRID, gridPoints } from './points.ts';
import { MOST_UNITS, type Settings } from './setup.ts';
import { outputMap, rangeOfUnit } from './surfaceView.tsx';

/** A unit: its layer, from 0, and its number there. The output is the only unit of the last layer. */
export interface Place {
  readonly layer: number;
  readonly unit: number;
}

const all = FEATURES.map((_, i) => i);
const featureMaps = featuresOf(gridPoints, all).data;
const featureRanges = all.map((i) => symmetricRange(featureMaps.filter((_, k) => k % all.length === i)));

/** A place within a column, below its title: as CSS, since the size is not known. */
const top = (row: number) => `${(100 * (row + 0.5)) / MOST_UNITS}%`;
/** Rows of a column stand in its middle. */
const rowOf = (unit: number, units: number) => unit + (MOST_UNITS - units) / 2;

export function NetworkView(props: {
  settings: Settings;
  network: readonly DenseLayer[];
  maps: readonly ArrayLike<number>[];
  selected: Place;
  onSelect: (place: Place) => void;
  onChange: (changes: Partial<Settings>) => void;
}) {
  const { settings, network, maps, selected, onSelect, onChange } = props;
  const { features, hidden } = settings;
  const columns = hidden.length + 2;
  const left = (column: number) => `${(100 * (column + 0.5)) / columns}%`;
  const output = outputMap(maps.at(-1)!, settings.task);
  return (
    <div class="network">
      <svg class="edges" aria-hidden="true">
        {network.flatMap(({ w }, layer) => {
          const [inputs, outputs] = w.shape as [number, number];
          return Array.from(w.data, (weight, i) => {
            const [from, to] = [Math.floor(i / outputs), i % outputs];
            const start = layer === 0 ? rowOf(features[from]!, FEATURES.length) : rowOf(from, inputs);
            return (
              <line
                key={`${layer}.${i}`}
                class={`${weight < 0 ? 'negative' : 'positive'} ${isInto(selected, layer, to) ? 'chosen' : ''}`}
                x1={left(layer)}
                y1={top(start)}
                x2={left(layer + 1)}
                y2={top(rowOf(to, outputs))}
                style={{ strokeWidth: edgeWidth(weight) }}
              />
            );
          });
        })}
      </svg>
      <Column at={left(0)} title="input">
        {FEATURES.map(({ name }, i) => (
          <Unit
            key={name}
            at={left(0)}
            row={rowOf(i, FEATURES.length)}
            name={`Feature ${name}`}
            text={name}
            pressed={features.includes(i)}
            hint={
              features.length === 1 && features.includes(i)
                ? 'The only feature that is on: switch another on before this one goes off'
                : 'A feature: a number of each point that the network is given'
            }
            kind="feature"
            onClick={() => onChange({ features: toggled(features, i) })}
          >
            <ChannelMap
              values={featureMaps}
              shape={[GRID, GRID, FEATURES.length]}
              channel={i}
              colors={diverging}
              range={featureRanges[i]!}
            />
          </Unit>
        ))}
      </Column>
      {hidden.map((units, layer) => (
        <Column key={`${layer}`} at={left(layer + 1)} title={`${units} ${units === 1 ? 'unit' : 'units'}`}>
          <Steps
            at={left(layer + 1)}
            what={`unit of layer ${layer + 1}`}
            value={units}
            most={MOST_UNITS}
            onChange={(next) => onChange({ hidden: hidden.with(layer, next) })}
          />
          {Array.from({ length: units }, (_, unit) => (
            <Unit
              key={`${unit}`}
              at={left(layer + 1)}
              row={rowOf(unit, units)}
              name={`Unit ${unit + 1} of layer ${layer + 1}`}
              pressed={selected.layer === layer && selected.unit === unit}
              onClick={() => onSelect({ layer, unit })}
            >
              <ChannelMap
                values={maps[layer]!}
                shape={[GRID, GRID, units]}
                channel={unit}
                colors={diverging}
                range={rangeOfUnit(maps[layer]!, units, unit, settings.activation)}
              />
            </Unit>
          ))}
        </Column>
      ))}
      <Column at={left(columns - 1)} title="output">
        <Unit
          at={left(columns - 1)}
          row={rowOf(0, 1)}
          name="Output"
          pressed={selected.layer === hidden.length}
          onClick={() => onSelect({ layer: hidden.length, unit: 0 })}
        >
          <ChannelMap values={output.values} shape={[GRID, GRID, 1]} colors={output.colors} range={output.range} />
        </Unit>
      </Column>
    </div>
  );
}

const isInto = (selected: Place, layer: number, unit: number) => selected.layer === layer && selected.unit === unit;

/** In pixels. */
const edgeWidth = (weight: number) => Math.min(7, 0.4 + 1.6 * Math.abs(weight));

/** At least one feature stays. */
function toggled(features: readonly number[], feature: number): readonly number[] {
  const next = features.includes(feature) ? features.filter((i) => i !== feature) : [...features, feature];
  return next.length > 0 ? next.sort((a, b) => a - b) : features;
}

function Column({ at, title, children }: { at: string; title: string; children: ComponentChildren }) {
  return (
    <>
      <span class="column-title" style={{ left: at }}>
        {title}
      </span>
      {children}
    </>
  );
}

function Unit(props: {
  at: string;
  row: number;
  name: string;
  /** Beside the picture. */
  text?: string;
  pressed: boolean;
  hint?: string;
  kind?: 'feature';
  onClick: () => void;
  children: ComponentChildren;
}) {
  const { at, row, name, text, pressed, hint, kind = '', onClick, children } = props;
  return (
    <button
      type="button"
      class={`unit ${kind}`}
      style={{ left: at, top: top(row) }}
      aria-label={name}
      aria-pressed={pressed}
      title={hint}
      onClick={onClick}
    >
      {children}
      {text && <span class="unit-name">{text}</span>}
    </button>
  );
}

/** Takes one away, or adds one. */
export function Steps(props: {
  at?: string;
  what: string;
  value: number;
  least?: number;
  most: number;
  onChange: (value: number) => void;
}) {
  const { at, what, value, least = 1, most, onChange } = props;
  return (
    <span class="steps" style={at ? { left: at } : {}}>
      <button
        type="button"
        aria-label={`Remove a ${what}`}
        aria-disabled={value <= least}
        onClick={() => value > least && onChange(value - 1)}
      >
        −
      </button>
      <button
        type="button"
        aria-label={`Add a ${what}`}
        aria-disabled={value >= most}
        onClick={() => value < most && onChange(value + 1)}
      >
        +
      </button>
    </span>
  );
}
