import { ShapeError } from '../../errors.ts';
import { formatShape, type Shape } from '../../tensor.ts';

/** @throws ShapeError unless the shape is that of an image */
export function imageShape(what: string, shape: Shape): readonly [number, number, number] {
  if (shape.length !== 3) {
    throw new ShapeError(`${what} takes images [height, width, channels], got ${formatShape(shape)}.`);
  }
  return shape as readonly [number, number, number];
}
