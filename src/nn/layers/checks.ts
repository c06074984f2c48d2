import { ArgumentError, ShapeError, shown } from '../../errors.ts';
import { formatShape, type Shape } from '../../tensor.ts';

/** @throws ArgumentError unless `value` is a positive integer */
export function positiveInteger(what: string, value: number): number {
  if (!Number.isInteger(value) || value < 1)
    throw new ArgumentError(`${what} must be a positive integer, got ${shown(value)}.`);
  return value;
}

/** @throws ShapeError unless the shape is that of an image */
export function imageShape(what: string, shape: Shape): readonly [number, number, number] {
  if (shape.length !== 3) {
    throw new ShapeError(`${what} takes images [height, width, channels], got ${formatShape(shape)}.`);
  }
  return shape as readonly [number, number, number];
}
