import { ShapeError } from '../errors.ts';
import { apply1, type Dispatch, expectDType, flatGrid, type Op, type OpNode } from '../graph.ts';
import type { Shader } from '../shader.ts';
import { broadcastShapes, elements, formatShape, type Shape, sameShape, strides, type Tensor } from '../tensor.ts';
import { vec4s, WORKGROUP } from './elementwise.ts';

/** Axes that the broadcasting and reducing shaders can walk, after adjacent ones were merged. */
export const MAX_AXES = 6;

/** Strides of an operand along the axes of `shape`: 0 where the operand is broadcast. */
export function broadcastStrides(operand: Shape, shape: Shape): number[] {
  const own = strides(operand);
  const offset = shape.length - operand.length;
  return shape.map((_, axis) => ((operand[axis - offset] ?? 1) === 1 ? 0 : own[axis - offset]!));
}

/**
 * Merges adjacent axes that every stride list walks contiguously, drops axes of size 1, and pads with leading axes of
 * size 1 to exactly `MAX_AXES`.
 * @throws ShapeError where more axes remain
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

/** Axes of `shape` along which an operand of shape `operand` was broadcast: where its gradient is summed. */
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
 * An op y = f(a, b), element by element with NumPy broadcasting. The shader has the entry points `forward` (reads `a` and
 * `b` through strides, writes `y`) and `same` (reads `a4` and `b4`, writes `y4`: the operands have one shape, N is in
 * vec4s), and the overrides of `broadcastConstants`.
 */
export function binary({ name, shader, backward }: BinaryOptions): (a: Tensor, b: Tensor) => Tensor {
  const op: Op<undefined> = {
    name,
    outputs: ([a, b]) => {
      expectDType(name, a!, 'f32');
      expectDType(name, b!, 'f32');
      return [{ shape: broadcastShapes(name, a!.shape, b!.shape) }];
    },
    dispatches: ({ inputs: [a, b], outputs: [y] }: OpNode<undefined>): Dispatch[] => {
      const constants = broadcastConstants(name, a!.shape, b!.shape);
      if (!sameShape(a!.shape, b!.shape)) {
        const workgroups = flatGrid(elements(y!.shape), WORKGROUP);
        return [{ shader, entryPoint: 'forward', constants, reads: { a: a!, b: b! }, writes: { y: y! }, workgroups }];
      }
      return [
        {
          shader,
          entryPoint: 'same',
          constants: { ...constants, N: vec4s(y!) },
          reads: { a4: a!, b4: b! },
          writes: { y4: y! },
          workgroups: flatGrid(vec4s(y!), WORKGROUP),
        },
      ];
    },
    backward: ({ inputs: [a, b] }, [dy]) => backward(a!, b!, dy!),
  };
  return (a, b) => apply1(op, [a, b], undefined);
}
