/** The kernels of a layer as pictures. */
import type { TensorData } from '../data/dataset.ts';
import { ArgumentError, ShapeError } from '../errors.ts';
import type { Model } from '../nn/model.ts';
import type { Layer, Weight } from '../nn/network.ts';
import { checkMethods, checkOneOf, checkOptions, type Kind } from '../options.ts';
import { shown as inWords } from '../shown.ts';
import { checkNumbers, elementOf, type Place } from './arguments.ts';
import { diverging, symmetricRange } from './colormap.ts';
import { create } from './dom.ts';
import type { Drawing } from './drawing.ts';
import { filtersOf, type KernelKind } from './filters.ts';
import { formatShape, formatShort } from './format.ts';
import { scale } from './scale.ts';
import { adoptStyles } from './styles.ts';
import { type Tile, TileGrid } from './tileGrid.ts';

export interface KernelOptions {
  /** Name of the layer, for the text. */
  readonly name?: string;
  /** Kind of the layer, which says what the axes of the weights are. Default `conv2d`. */
  readonly kind?: KernelKind;
  /** Groups of a transposed convolution. Default 1. */
  readonly groups?: number;
}

const KERNEL_OPTIONS = { name: 'text', kind: 'any', groups: 'count' } as const satisfies Record<
  keyof KernelOptions,
  Kind
>;

const KINDS: readonly KernelKind[] = ['conv2d', 'depthwiseConv2d', 'conv2dTranspose', 'dense'];

/** Input channels that are shown of each kernel. */
const MOST_INPUTS = 8;

/** A drawing of kernels. */
export interface KernelDrawing extends Drawing {
  /** Draws other weights of the same layer in its place. */
  update(weights: TensorData): void;
}

/**
 * Draws weights as kernels, one picture for each output channel with a tile for each of its input channels: negative numbers
 * violet, positive ones green. For weights that a worker has sent; `kernels` reads them from a model.
 * @param place the element to draw into, or its selector
 * @param weights `[height, width, inputs, outputs]`, or as the layer of the option `kind` has them
 * @throws ArgumentError for a place or options that do not fit; DataError, ShapeError for weights that do not
 */
export function kernelGrid(place: Place, weights: TensorData, options: KernelOptions = {}): KernelDrawing {
  const element = elementOf('kernelGrid', place);
  checkOptions('kernelGrid', options, KERNEL_OPTIONS);
  const { name = 'layer', kind = 'conv2d', groups = 1 } = options;
  checkOneOf('kernelGrid', 'kind', kind, KINDS);
  adoptStyles(element);
  const grid = new TileGrid();
  const text = create('figcaption');
  const figure = create('figure', { class: 'neurite-vis kernels' }, grid.element, text);
  const update = (given: TensorData) => {
    checkNumbers('kernelGrid', 'the weights', given);
    const { data, shape } = given;
    if (shape.length !== 4 && shape.length !== 2)
      throw new ShapeError(`kernelGrid: kernels have 4 axes, or 2 in a dense layer, got the shape [${shape}].`);
    const filters = filtersOf(shape, kind, groups);
    const { height, width, inputs, outputs } = filters;
    const range = symmetricRange(data);
    const shown = Math.min(inputs, MOST_INPUTS);
    const channels = inputs * outputs;
    const tiles = Array.from({ length: outputs }, (_, output): Tile => {
      const pictures = Array.from({ length: shown }, (_, input) => ({
        ...{ values: data, width, height, channels },
        channel: filters.channel(output, input),
      }));
      return { label: `kernel ${output + 1} of ${outputs}`, pictures, colors: diverging, range };
    });
    grid.update(tiles, shape.length === 2 ? '100%' : inputs > 1 ? '6.5rem' : '3.25rem');
    const about =
      shape.length === 2
        ? `${name}: weights from ${height} inputs (down) to ${width} units (across)`
        : `${name}: ${outputs} kernels of ${formatShape([height, width, inputs])}${tileText(inputs)}`;
    text.replaceChildren(scale(diverging, range), create('span', { class: 'about' }, about));
    grid.element.setAttribute(
      'aria-label',
      `Kernels of ${name}, from ${formatShort(range.low)} to ${formatShort(range.high)}`,
    );
  };
  update(weights);
  element.append(figure);
  return {
    update,
    remove() {
      grid.clear();
      figure.remove();
    },
  };
}

function tileText(inputs: number): string {
  if (inputs === 1) return '';
  return inputs > MOST_INPUTS
    ? `; a tile for each of the first ${MOST_INPUTS} of ${inputs} input channels`
    : '; a tile for each input channel';
}

/** What `kernels` needs of a model, also of one in a worker. */
export interface KernelSource extends Pick<Model, 'getWeights'> {
  readonly layers: readonly (Pick<Layer, 'name' | 'type' | 'options'> & {
    readonly weights: readonly Pick<Weight, 'name'>[];
  })[];
}

/** A drawing of a layer's kernels. */
export interface LayerKernels extends Drawing {
  /** Reads the weights again and draws them. */
  update(): Promise<void>;
}

/**
 * Draws the kernels of a model's layer, or the weights of a dense one.
 * @param place the element to draw into, or its selector
 * @param layer name of the layer, as in `model.summary()`
 * @throws ArgumentError for a place that is none, and for a layer that does not exist or has no kernels
 */
export async function kernels(place: Place, model: KernelSource, layer: string): Promise<LayerKernels> {
  const element = elementOf('kernels', place);
  checkMethods('kernels: the model', model, ['getWeights']);
  const found = model.layers.find(({ name }) => name === layer);
  const withKernels = model.layers.filter(({ type }) => (KINDS as readonly string[]).includes(type));
  if (!found || !withKernels.includes(found)) {
    const names = withKernels.map(({ name }) => `'${name}'`).join(', ');
    throw new ArgumentError(
      `kernels: ${found ? `layer '${layer}' has no kernels` : `there is no layer ${inWords(layer)}`}. Layers with kernels: ${names || 'none'}.`,
    );
  }
  const read = async (): Promise<TensorData> => {
    const weight = (await model.getWeights()).find(({ name }) => name === found.weights[0]!.name)!;
    return { data: weight.data, shape: weight.shape };
  };
  const drawing = kernelGrid(element, await read(), {
    name: layer,
    kind: found.type as KernelKind,
    groups: (found.options as { groups?: number }).groups ?? 1,
  });
  return { remove: drawing.remove, update: async () => drawing.update(await read()) };
}
