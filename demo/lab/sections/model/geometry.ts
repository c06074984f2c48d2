/** Places of the boxes in the drawing of a network's tensors. */

export interface Box {
  x: number;
  /** Of the front face. */
  width: number;
  height: number;
  /** How far the box reaches back, to the right and up. */
  depth: number;
  shape: readonly number[];
}

const TALLEST = 120;
const LEAST = 6;
const GAP = 74;
/** Sizes of images: half of the way between their true proportions and all alike. */
const COMPRESSION = 0.6;

/** Boxes from left to right: images as boxes as high as they are, as deep as their channels; vectors as bars. */
export function boxesOf(shapes: readonly (readonly number[])[]): { boxes: Box[]; width: number; height: number } {
  let x = 0;
  const boxes = shapes.map((shape): Box => {
    const image = shape.length === 3;
    const side = (size: number) => Math.max(LEAST, TALLEST * (size / 128) ** COMPRESSION);
    const box: Box = image
      ? { x, width: side(shape[1]!) * 0.65, height: side(shape[0]!), depth: channelDepth(shape[2]!), shape }
      : {
          x,
          width: 9,
          height: Math.min(TALLEST, Math.max(LEAST * 2, 14 * Math.log2(1 + lengthOf(shape)) * 0.6)),
          depth: 4,
          shape,
        };
    x += box.width + box.depth + GAP;
    return box;
  });
  const deepest = Math.max(0, ...boxes.map(({ depth }) => depth));
  return { boxes, width: Math.max(0, x - GAP), height: TALLEST + deepest };
}

/** 1 channel is a sheet, 32 a block: by the logarithm, so that 512 still fit. */
const channelDepth = (channels: number) => 4 + 6.5 * Math.log2(1 + channels);

const lengthOf = (shape: readonly number[]) => shape.reduce((product, size) => product * size, 1);
