/** Which pixels of the picture one unit of a layer can see. */
import { offsetOf } from '../../draw/positions.ts';
import { slideOf, type UnitLayer } from './unit.ts';

export interface ReceptiveField {
  /** Height and width, in pixels of the picture. */
  size: [number, number];
  /** From the field of one unit to that of the next one. */
  strides: [number, number];
  /** First row and column of the field of the first unit; negative where it begins in a padding. */
  start: [number, number];
  /** Every unit sees the whole picture: the layer has no places any more. */
  whole: boolean;
}

/** Layers that have more rows and columns than what they get: behind them fields are not known here. */
const ENLARGE = ['conv2dTranspose', 'upSampling2d'];
/**
 * The field after each of the layers: of windows with distances between their taps it is the box around all taps.
 * @param input height and width of the picture
 * @returns undefined for what is not known: an enlarging layer, and those with places behind it
 */
export function receptiveFields(
  input: readonly number[],
  layers: readonly UnitLayer[],
): (ReceptiveField | undefined)[] {
  const [height, width] = input as [number, number];
  let field: ReceptiveField | undefined = { size: [1, 1], strides: [1, 1], start: [0, 0], whole: false };
  let before: readonly number[] = input;
  return layers.map((layer) => {
    const slide = slideOf(layer);
    if (layer.shape.length !== 3 || layer.type === 'globalAvgPool2d' || layer.type === 'reshape' || field?.whole) {
      field = { size: [height, width], strides: [0, 0], start: [0, 0], whole: true };
    } else if (ENLARGE.includes(layer.type)) field = undefined;
    else if (field && slide) field = slid(field, slide, before, layer.shape);
    else if (field && layer.type === 'zeroPadding2d') field = padded(field, layer.options.padding);
    before = layer.shape;
    return field;
  });
}

function slid(
  { size, strides, start }: ReceptiveField,
  slide: NonNullable<ReturnType<typeof slideOf>>,
  before: readonly number[],
  after: readonly number[],
): ReceptiveField {
  const axes = [0, 1] as const;
  const reach = axes.map((i) => (slide.size[i] - 1) * slide.dilation[i] + 1);
  const padding = axes.map((i) => (slide.same ? offsetOf(before[i]!, after[i]!, reach[i]!, slide.strides[i]) : 0));
  const each = (value: (i: 0 | 1) => number): [number, number] => [value(0), value(1)];
  return {
    size: each((i) => size[i] + (reach[i]! - 1) * strides[i]),
    start: each((i) => start[i] - padding[i]! * strides[i]),
    strides: each((i) => strides[i] * slide.strides[i]),
    whole: false,
  };
}

/** As Keras writes paddings: one number, one for each axis, or two for each axis. */
function padded(field: ReceptiveField, padding: unknown = 1): ReceptiveField {
  const first = (i: 0 | 1): number => {
    const own = Array.isArray(padding) ? padding[i] : padding;
    return Number(Array.isArray(own) ? own[0] : own);
  };
  const { start, strides } = field;
  return { ...field, start: [start[0] - first(0) * strides[0], start[1] - first(1) * strides[1]] };
}

/** Where a unit's field lies in the picture, cut at its edges. */
export function boxOf(
  { size, strides, start, whole }: ReceptiveField,
  unit: readonly number[],
  input: readonly number[],
) {
  const box = ([0, 1] as const).map((i) => {
    const from = whole ? 0 : start[i] + unit[i]! * strides[i];
    return [Math.max(0, from), Math.min(input[i]!, from + size[i])] as const;
  });
  const [[top, bottom], [left, right]] = box as [readonly [number, number], readonly [number, number]];
  return { top, left, height: bottom - top, width: right - left };
}
