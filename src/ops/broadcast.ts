/** Broadcasting as in NumPy: the strides by which shaders read broadcast operands, and element-wise ops of two operands. */
import { ShapeError } from '../errors.ts';
import { apply1, expectDType, flatGrid, type Op } from '../graph.ts';
import type { Passed } from '../options.ts';
import type { Shader } from '../shader/shader.ts';
import { broadcastShapes, formatShape, type Shape, sameShape, strides, type Tensor } from '../tensor.ts';
import { vec4s, WORKGROUP } from './elementwise.ts';

/** Number of axes that the shaders for broadcasting and reducing can walk, after adjacent axes were merged. */
export const MAX_AXES = 6;

/** Strides of an operand along the axes of `shape`; 0 along axes where it is broadcast. */
export function broadcastStrides(operand: Shape, shape: Shape): number[] {
  const own = strides(operand);
  const offset = shape.length - operand.length;
  return shape.map((_, axis) => ((operand[axis - offset] ?? 1) === 1 ? 0 : own[axis - offset]!));
}

/**
 * Merges adjacent axes that are contiguous in every list of strides, drops axes of size 1, and adds leading axes of
 * size 1 up to exactly `MAX_AXES`.
 * @throws ShapeError if more axes remain
 */
export function mergeAxes(
  what: string,
  shape: Shape,
  strideLists: readonly (readonly number[])[],
): { sizes: number[]; strides: number[][] } {
  const sizes: number[] = [];
  const merged: number[][] = strideLists.map(() => []);
  shape.forEach((size, axis) => {
    if (size === 1) return;
    const last = sizes.length - 1;
    const contiguous = last >= 0 && strideLists.every((list, k) => merged[k]![last] === list[axis]! * size);
    if (contiguous) {
      sizes[last]! *= size;
      strideLists.forEach((list, k) => {
        merged[k]![last] = list[axis]!;
      });
    } else {
      sizes.push(size);
      strideLists.forEach((list, k) => {
        merged[k]!.push(list[axis]!);
      });
    }
  });
  if (sizes.length > MAX_AXES) {
    throw new ShapeError(`${what}: ${formatShape(shape)} has more than ${MAX_AXES} axes that cannot be merged.`);
  }
  const pad = new Array<number>(MAX_AXES - sizes.length);
  return {
    sizes: [...pad.fill(1), ...sizes],
    strides: merged.map((list) => [...[...pad].fill(0), ...list]),
  };
}

/** Overrides `N`, `D1..D5`, `A0..A5`, `B0..B5` of a shader that reads two broadcast operands. */
export function broadcastConstants(what: string, a: Shape, b: Shape): Record<string, number> {
  const shape = broadcastShapes(what, a, b);
  const { sizes, strides: walked } = mergeAxes(what, shape, [broadcastStrides(a, shape), broadcastStrides(b, shape)]);
  const constants: Record<string, number> = { N: sizes.reduce((product, size) => product * size, 1) };
  for (let axis = 0; axis < MAX_AXES; axis++) {
    if (axis > 0) constants[`D${axis}`] = sizes[axis]!;
    constants[`A${axis}`] = walked[0]![axis]!;
    constants[`B${axis}`] = walked[1]![axis]!;
  }
  return constants;
}

/** Axes of `shape` along which an operand of shape `operand` was broadcast. Its gradient is summed over them. */
export function broadcastAxes(operand: Shape, shape: Shape): number[] {
  const offset = shape.length - operand.length;
  return shape.flatMap((size, axis) => (axis < offset || (operand[axis - offset] === 1 && size > 1) ? [axis] : []));
}

export interface BinaryOptions {
  readonly name: string;
  readonly shader: Shader;
  /** Gradients of a and b, each of its operand's shape. */
  readonly backward: (a: Tensor, b: Tensor, dy: Tensor) => readonly [Tensor, Tensor];
}

/**
 * The shapes with their last axis counted in vec4s, for shaders that take four elements at a time. Undefined if the
 * last axis of a shape is not a multiple of 4, or is broadcast.
 */
export function inVec4s(...shapes: readonly Shape[]): Shape[] | undefined {
  const last = shapes[0]!.at(-1)!;
  if (last % 4 !== 0 || shapes.some((shape) => shape.at(-1) !== last)) return undefined;
  return shapes.map((shape) => [...shape.slice(0, -1), last / 4]);
}

/**
 * Creates an op y = f(a, b), element by element with NumPy broadcasting. The shader has the overrides of
 * `broadcastConstants` and two entry points: `forward` (reads `a` and `b`, writes `y`), and `forward4` (`a4`, `b4`,
 * `y4`), which takes four elements at a time if both operands allow it.
 */
export function binary({ name, shader, backward }: BinaryOptions): (a: Tensor, b: Tensor, more: Passed) => Tensor {
  const op: Op<undefined> = {
    name,
    outputs: ([a, b]) => {
      expectDType(name, a!, 'f32');
      expectDType(name, b!, 'f32');
      return [{ shape: broadcastShapes(name, a!.shape, b!.shape) }];
    },
    dispatches: ({ inputs, outputs: [y] }) => {
      const [a, b] = inputs as [Tensor, Tensor];
      const flat = sameShape(a.shape, b.shape) ? [[vec4s(a)], [vec4s(b)]] : inVec4s(a.shape, b.shape);
      const lanes = flat ? '4' : '';
      const constants = broadcastConstants(name, ...((flat ?? [a.shape, b.shape]) as [Shape, Shape]));
      return [
        {
          shader,
          entryPoint: `forward${lanes}`,
          constants,
          reads: { [`a${lanes}`]: a, [`b${lanes}`]: b },
          writes: { [`y${lanes}`]: y! },
          workgroups: flatGrid(constants.N!, WORKGROUP),
        },
      ];
    },
    backward: ({ inputs: [a, b] }, [dy]) => backward(a!, b!, dy!),
  };
  return (a, b, more) => apply1(op, [a, b], undefined, more);
}
