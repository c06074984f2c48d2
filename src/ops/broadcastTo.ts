import source from '../../shaders/broadcastTo.wgsl?raw';
import { ShapeError } from '../errors.ts';
import { apply1, expectDType, flatGrid, type Op } from '../graph.ts';
import { check, type Passed } from '../options.ts';
import { broadcastShapes, checkShape, elements, formatShape, type Shape, sameShape, type Tensor } from '../tensor.ts';
import { broadcastStrides, inVec4s, MAX_AXES, mergeAxes } from './broadcast.ts';
import { WORKGROUP } from './elementwise.ts';
import { sumTo } from './reduce.ts';

const shader = { name: 'broadcastTo', source };

interface Attributes {
  readonly shape: Shape;
  readonly scale: number;
}

const op: Op<Attributes> = {
  name: 'broadcastTo',
  outputs: ([x], { shape }) => {
    expectDType('broadcastTo', x!, 'f32');
    if (!sameShape(broadcastShapes('broadcastTo', x!.shape, shape), shape)) {
      throw new ShapeError(`broadcastTo: ${formatShape(x!.shape)} does not broadcast to ${formatShape(shape)}.`);
    }
    return [{ shape }];
  },
  dispatches: ({ inputs: [x], outputs: [y], attributes: { scale } }) => {
    const whole = inVec4s(x!.shape, y!.shape);
    const lanes = whole ? '4' : '';
    const [from, to] = (whole ?? [x!.shape, y!.shape]) as [Shape, Shape];
    const { sizes, strides } = mergeAxes('broadcastTo', to, [broadcastStrides(from, to)]);
    const constants: Record<string, number> = { N: elements(to), SCALE: scale };
    for (let axis = 0; axis < MAX_AXES; axis++) {
      if (axis > 0) constants[`D${axis}`] = sizes[axis]!;
      constants[`A${axis}`] = strides[0]![axis]!;
    }
    return [
      {
        shader,
        entryPoint: `forward${lanes}`,
        constants,
        reads: { [`x${lanes}`]: x! },
        writes: { [`y${lanes}`]: y! },
        workgroups: flatGrid(elements(to), WORKGROUP),
      },
    ];
  },
  // The gradient of scale * broadcast(x) is the sum of scale * dy, and a broadcast to the same shape scales.
  backward: ({ inputs: [x], attributes: { scale } }, [dy]) => {
    const dx = sumTo(dy!, x!.shape);
    return [scale === 1 ? dx : broadcastTo(dx, x!.shape, scale)];
  },
};

/** scale * x, repeated to `shape` as in NumPy broadcasting. */
export function broadcastTo(x: Tensor, shape: Shape, scale = 1, ...more: Passed): Tensor {
  checkShape('broadcastTo', shape);
  check('broadcastTo', 'scale', scale, 'number');
  return apply1(op, [x], { shape, scale }, more);
}
