/**
 * The dispatch of broadcasting. The op is in reduce.ts, because its gradient is a sum, and the gradient of a sum is a
 * broadcast.
 */
import source from '../../shaders/broadcastTo.wgsl?raw';
import { type Dispatch, flatGrid } from '../graph.ts';
import { elements, type Shape, type Tensor } from '../tensor.ts';
import { broadcastStrides, inVec4s, MAX_AXES, mergeAxes } from './broadcast.ts';
import { WORKGROUP } from './elementwise.ts';

const shader = { name: 'broadcastTo', source };

/** y = scale * x, repeated to y's shape. */
export function broadcastDispatch(x: Tensor, y: Tensor, scale: number): Dispatch {
  const whole = inVec4s(x.shape, y.shape);
  const lanes = whole ? '4' : '';
  const [from, to] = (whole ?? [x.shape, y.shape]) as [Shape, Shape];
  const { sizes, strides } = mergeAxes('broadcastTo', to, [broadcastStrides(from, to)]);
  const constants: Record<string, number> = { N: elements(to), SCALE: scale };
  for (let axis = 0; axis < MAX_AXES; axis++) {
    if (axis > 0) constants[`D${axis}`] = sizes[axis]!;
    constants[`A${axis}`] = strides[0]![axis]!;
  }
  return {
    shader,
    entryPoint: `forward${lanes}`,
    constants,
    reads: { [`x${lanes}`]: x },
    writes: { [`y${lanes}`]: y },
    workgroups: flatGrid(elements(to), WORKGROUP),
  };
}
