/** The op sin(omega x), element by element, and its gradient. Nothing else in the engine has to know of them. */
import { applyOp, type Dispatch, type Op, ShapeError, type Tensor } from 'neurite';
import source from './sine.wgsl?raw';

const shader = { name: 'sine', source };
const WORKGROUP = 64; // as the shader says

interface Attributes {
  readonly omega: number;
}

/** What both dispatches have in common: an invocation for each element of x. */
function forEach(x: Tensor, { omega }: Attributes): Pick<Dispatch, 'shader' | 'constants' | 'workgroups'> {
  const elements = x.shape.reduce((product, size) => product * size, 1);
  return { shader, constants: { N: elements, OMEGA: omega }, workgroups: [Math.ceil(elements / WORKGROUP), 1, 1] };
}

/** From x and the gradient of y to the gradient of x. The names of `reads` and `writes` are those of the shader's variables. */
const sineGradient: Op<Attributes> = {
  name: 'sineGradient',
  outputs: ([x]) => [{ shape: x!.shape }],
  dispatches({ inputs: [x, dy], outputs: [dx], attributes }) {
    return [{ ...forEach(x!, attributes), entryPoint: 'backward', reads: { x: x!, dy: dy! }, writes: { dx: dx! } }];
  },
};

const sineOp: Op<Attributes> = {
  name: 'sine',
  outputs([x]) {
    if (x!.dtype !== 'f32') throw new ShapeError(`sine: ${x!.name} must be f32, got ${x!.dtype}.`);
    return [{ shape: x!.shape }];
  },
  dispatches({ inputs: [x], outputs: [y], attributes }) {
    return [{ ...forEach(x!, attributes), entryPoint: 'forward', reads: { x: x! }, writes: { y: y! } }];
  },
  backward: ({ inputs: [x], attributes }, [dy]) => applyOp(sineGradient, [x!, dy!], attributes),
};

/** y = sin(omega x), element by element; x of any shape with at most 4 million elements. */
export function sine(x: Tensor, omega: number): Tensor {
  return applyOp(sineOp, [x], { omega })[0]!;
}
