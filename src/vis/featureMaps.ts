/** The feature maps of a layer as pictures. */
import type { TensorData } from '../data/dataset.ts';
import { ArgumentError, ShapeError } from '../errors.ts';
import type { Model } from '../nn/model.ts';
import { checkMethods, checkOptions, type Kind } from '../options.ts';
import { shown as inWords } from '../shown.ts';
import { checkNumbers, elementOf, type Place } from './arguments.ts';
import { create } from './dom.ts';
import type { Drawing } from './drawing.ts';
import { formatShape, formatShort } from './format.ts';
import { channelRanges, livingChannels, lookOf } from './ranges.ts';
import { scale } from './scale.ts';
import { adoptStyles } from './styles.ts';
import { type Tile, TileGrid } from './tileGrid.ts';

export interface MapOptions {
  /** Name of the layer, for the text. */
  readonly name?: string;
  /** Most maps that are drawn. Default 64. */
  readonly most?: number;
}

const MAP_OPTIONS = { name: 'text', most: 'count' } as const satisfies Record<keyof MapOptions, Kind>;

const MOST_MAPS = 64;
/** Numbers of a vector in one line. */
const LINE = 64;

/** A drawing of feature maps. */
export interface MapDrawing extends Drawing {
  /** Draws another output of the same layer in its place. */
  update(output: TensorData): void;
}

/**
 * Draws the output of a layer for one example: a map for each channel, each in its own range of colours. Where nothing is
 * negative, brighter is more; else violet is negative, green positive. Maps that are 0 everywhere are only counted. For outputs
 * that a worker has sent; `featureMaps` reads them from a model.
 * @param place the element to draw into, or its selector
 * @param output `[height, width, channels]`, or `[n]`, which is drawn as lines of cells
 * @throws ArgumentError for a place or options that do not fit; DataError, ShapeError for an output that does not
 */
export function mapGrid(place: Place, output: TensorData, options: MapOptions = {}): MapDrawing {
  const element = elementOf('mapGrid', place);
  checkOptions('mapGrid', options, MAP_OPTIONS);
  const { name = 'layer', most = MOST_MAPS } = options;
  adoptStyles(element);
  const grid = new TileGrid();
  const count = create('p');
  const text = create('figcaption');
  // The count stands above the maps: how many of them there are moves nothing.
  const figure = create('figure', { class: 'neurite-vis maps' }, count, grid.element, text);
  const update = (next: TensorData) => {
    checkNumbers('mapGrid', 'the output', next);
    const isVector = next.shape.length === 1;
    const { data, shape } = isVector ? inLines(next) : next;
    if (shape.length !== 3)
      throw new ShapeError(`mapGrid: the output of an example has 3 axes or 1, got the shape [${next.shape}].`);
    const [height, width, channels] = shape as [number, number, number];
    const { colors, range, low } = lookOf(data);
    const ranges = channelRanges(data, channels, low < 0);
    const { living, dead } = livingChannels(data, channels);
    const shown = (isVector ? [0] : living).slice(0, most);
    const tiles = shown.map((channel): Tile => {
      const own = ranges[channel]!;
      const place = isVector ? `${next.shape[0]} numbers` : `map ${channel + 1} of ${channels}`;
      return {
        label: `${name}, ${place}, from ${formatShort(own.low)} to ${formatShort(own.high)}`,
        pictures: [{ values: data, width, height, channels, channel }],
        colors,
        range: own,
      };
    });
    grid.update(tiles, isVector ? '100%' : '5rem');
    grid.element.setAttribute('aria-label', `Output of ${name}`);
    count.textContent = isVector ? '' : countText(channels, dead.length, shown.length);
    // A map has its own range, so a scale holds for a vector alone.
    const about = `${name}: ${formatShape(next.shape)}${isVector ? '' : `, the largest number is ${formatShort(range.high)}`}`;
    text.replaceChildren(...(isVector ? [scale(colors, range)] : []), about);
  };
  update(output);
  element.append(figure);
  return {
    update,
    remove() {
      grid.clear();
      figure.remove();
    },
  };
}

function countText(channels: number, dead: number, shown: number): string {
  const living = channels - dead;
  if (shown < living) return `the first ${shown} of ${living} maps${dead > 0 ? ' that are not 0 everywhere' : ''}`;
  return dead > 0 ? `${living} of ${channels} maps; the rest is 0 everywhere` : `maps: ${channels}`;
}

/** A vector as a picture of one channel; what is missing of the last line is 0. */
function inLines({ data, shape: [length = 0] }: TensorData): TensorData {
  const width = Math.min(length, LINE);
  const height = Math.ceil(length / width);
  const padded = new Float32Array(width * height);
  padded.set(data);
  return { data: padded, shape: [height, width, 1] };
}

/** What `featureMaps` needs of a model. */
export type MapSource = Pick<Model, 'inspect'>;

/** A drawing of a layer's feature maps. */
export interface LayerMaps extends Drawing {
  /** Computes the maps again, of another input if one is given, and draws them. */
  update(input?: TensorData): Promise<void>;
}

/**
 * Draws what a layer of a model makes of an example.
 * @param place the element to draw into, or its selector
 * @param layer name of the layer, as in `model.summary()`
 * @param input `[n, ...inputShape]`; the first example is drawn
 * @throws ArgumentError for a place that is none, or a layer that does not exist; DataError for an input that does not fit
 */
export async function featureMaps(
  place: Place,
  model: MapSource,
  layer: string,
  input: TensorData,
  options: Pick<MapOptions, 'most'> = {},
): Promise<LayerMaps> {
  const element = elementOf('featureMaps', place);
  checkMethods('featureMaps: the model', model, ['inspect']);
  let current = input;
  const read = async (): Promise<TensorData> => {
    checkNumbers('featureMaps', 'the input', current, '{ data, shape: [n, …] }');
    const [n = 1, ...rest] = current.shape;
    const one = { data: current.data.slice(0, current.data.length / n), shape: [1, ...rest] };
    const { layers } = await model.inspect(one);
    const found = layers.find(({ name }) => name === layer);
    if (!found) {
      const names = layers.map(({ name }) => `'${name}'`).join(', ');
      throw new ArgumentError(`featureMaps: there is no layer ${inWords(layer)}. The layers are ${names}.`);
    }
    return { data: found.output.data, shape: found.output.shape.slice(1) };
  };
  const drawing = mapGrid(element, await read(), { ...options, name: layer });
  return {
    remove: drawing.remove,
    async update(next) {
      current = next ?? current;
      drawing.update(await read());
    },
  };
}
