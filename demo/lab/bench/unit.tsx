/** One number of a map: window times kernel, and what comes of it, on the GPU and by hand. */

import { diverging, lookOf, type Palette, type Range, symmetricRange } from 'neurite/vis';
import { ChannelMap } from '../../draw/channelMap.tsx';
import { formatCount } from '../../format.ts';
import { formatFixed, Verified } from '../../lesson/verified.tsx';
import { Button } from '../../ui/controls.tsx';
import { chosenChannel, inspection } from '../sections/network/state.ts';
import { openedUnit, unitByHand } from './state.ts';
import type { Unit } from './unit.ts';

/** Channels of a window that are shown. */
const MOST_CHANNELS = 4;
const DIGITS = 4;

export function OpenedUnit() {
  const at = openedUnit.value;
  const unit = unitByHand.value;
  if (!at || !unit) return <div class="unit" />;
  const { layer, channel, row, column } = at;
  const [, width, channels] = layer.shape as [number, number, number];
  const go = (by: number) => {
    chosenChannel.value = (channel + by + channels) % channels;
  };
  const value = layer.data[(row * width + column) * channels + channel]!;
  return (
    <div class="unit">
      <div class="row unit-place">
        <span>
          {layer.name}, row {row}, column {column},
        </span>
        <span class="row unit-map">
          <Button kind="quiet" label="Previous map" disabled={channels < 2} onClick={() => go(-1)}>
            ‹
          </Button>
          <span class="unit-number">
            map {channel + 1} of {channels}
          </span>
          <Button kind="quiet" label="Next map" disabled={channels < 2} onClick={() => go(1)}>
            ›
          </Button>
        </span>
      </div>
      <div class="unit-sum">
        <Tiles unit={unit} values={unit.window} name="window" look={lookOf(unit.window)} />
        {unit.kernel && unit.products && (
          <>
            <span class="unit-sign">×</span>
            <Tiles
              unit={unit}
              values={unit.kernel}
              name={`kernel ${unit.shape.slice(0, unit.shape[2] > 1 ? 3 : 2).join(' × ')}`}
              look={signed(unit.kernel)}
            />
            <span class="unit-sign">=</span>
            <Tiles unit={unit} values={unit.products} name="products" look={signed(unit.products)} />
          </>
        )}
        <p class="unit-text">
          {howOf(layer.type, unit)}
          <br />
          {unit.activation !== 'linear' && <>{unit.activation} → </>}
          <Outcome value={value} unit={unit} />
        </p>
      </div>
    </div>
  );
}

function Outcome({ value, unit }: { value: number; unit: Unit }) {
  if (unit.result === undefined) return <strong>{formatFixed(value, DIGITS)}</strong>;
  // While steps are done, the map is of other weights than the kernel.
  const settled = inspection.value!.settled;
  return <Verified name="lab-unit" value={settled ? value : undefined} reference={unit.result} digits={DIGITS} />;
}

function howOf(type: string, { products, bias, sum }: Unit): string {
  if (type === 'maxPool2d') return `the largest: ${formatFixed(sum, DIGITS)}`;
  if (!products) return `the mean: ${formatFixed(sum, DIGITS)}`;
  const sign = bias < 0 ? '−' : '+';
  return `sum of ${formatCount(products.length)} ${sign} bias ${formatFixed(Math.abs(bias), DIGITS)} = ${formatFixed(sum, DIGITS)}`;
}

interface Look {
  colors: Palette;
  range: Range;
}

const signed = (values: Float32Array): Look => ({ colors: diverging, range: symmetricRange(values) });

function Tiles({ unit, values, name, look }: { unit: Unit; values: Float32Array; name: string; look: Look }) {
  const [height, width, channels] = unit.shape;
  const shown = Math.min(channels, MOST_CHANNELS);
  return (
    <figure class="unit-tiles">
      <span class={shown > 1 ? 'unit-many' : ''}>
        {Array.from({ length: shown }, (_, channel) => (
          <ChannelMap
            key={channel}
            values={values}
            shape={[height, width, channels]}
            channel={channel}
            colors={look.colors}
            range={look.range}
          />
        ))}
      </span>
      <figcaption>{name}</figcaption>
    </figure>
  );
}
