import { ShapeError } from '../../errors.ts';
import { formatShape, type Shape } from '../../tensor.ts';

/** Returns the shape as `[height, width, channels]`. @throws ShapeError if it has another number of axes */
export function imageShape(what: string, shape: Shape): readonly [number, number, number] {
  if (shape.length !== 3) {
    throw new ShapeError(`${what} takes images [height, width, channels], got ${formatShape(shape)}.`);
  }
  return shape as readonly [number, number, number];
}
