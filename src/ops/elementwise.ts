/**
 * Element-wise functions of one operand: the op and its gradient, made from a shader, and the function itself for
 * kernels that apply it to their results.
 */
import { apply1, type Dispatch, expectDType, flatGrid, type Op, type OpNode } from '../graph.ts';
import type { Passed } from '../options.ts';
import { linked, type Shader } from '../shader/shader.ts';
import { elements, type Tensor } from '../tensor.ts';

/** Size of a workgroup of the element-wise shaders. */
export const WORKGROUP = 64;

/** Number of `vec4`s that hold a tensor. */
export function vec4s(tensor: Tensor): number {
  return Math.ceil(elements(tensor.shape) / 4);
}

export interface UnaryOptions<A> {
  readonly name: string;
  readonly shader: Shader;
  /** Values of the shader's overrides besides `N`. */
  readonly constants?: (attributes: A) => Readonly<Record<string, number>>;
  /** Whether the gradient is computed from the op's input or its output. */
  readonly saved: 'x' | 'y' | ((attributes: A) => 'x' | 'y');
}

/** An element-wise function, for kernels that apply it to their results before they store them. */
export interface Activation {
  readonly shader: Shader;
  readonly constants: Readonly<Record<string, number>>;
}

const functions = new WeakMap<Op, (attributes: unknown) => Activation>();

/** The element-wise function that a node applies; undefined for another op. */
export function activationOf({ op, attributes }: OpNode): Activation | undefined {
  return functions.get(op)?.(attributes);
}

/** The shader and the constants of a kernel with an activation linked into it. */
export function activated(
  shader: Shader,
  constants: Dispatch['constants'],
  activation: Activation | undefined,
): Pick<Dispatch, 'shader' | 'constants'> {
  if (!activation) return { shader, constants };
  return { shader: linked(shader, activation.shader), constants: { ...constants, ...activation.constants } };
}

export interface UnaryFunction<A> {
  readonly op: Op<A>;
  /** Inputs `dy`, and x or y as `saved` says. */
  readonly gradient: Op<A>;
  /** The function itself, without an op. */
  activation(attributes: A): Activation;
  /** Applies the op. */
  of(x: Tensor, attributes: A, more?: Passed): Tensor;
}

/**
 * Creates an op y = f(x), element by element, and its gradient dx = f'(x) dy. The shader has the entry points `forward`
 * (reads `x`, writes `y`) and `backward` (reads `dy` and `saved`, writes `dx`), and the override `N`, in vec4s. f is
 * the shader's function `activate`. All that it needs comes before the entry points, so that it can be linked into
 * other kernels.
 */
export function unary<A>({ name, shader, constants = () => ({}), saved }: UnaryOptions<A>): UnaryFunction<A> {
  const launch = (
    node: OpNode<A>,
    entryPoint: string,
    reads: Record<string, Tensor>,
    writes: Record<string, Tensor>,
  ) => {
    const n = vec4s(node.outputs[0]!);
    return [
      {
        shader,
        entryPoint,
        constants: { N: n, ...constants(node.attributes) },
        reads,
        writes,
        workgroups: flatGrid(n, WORKGROUP),
      },
    ];
  };

  const gradient: Op<A> = {
    name: `${name}Grad`,
    outputs: ([dy]) => [{ shape: dy!.shape }],
    dispatches: (node) => {
      const [dy, s] = node.inputs;
      return launch(node, 'backward', { dy: dy!, saved: s! }, { dx: node.outputs[0]! });
    },
  };

  const op: Op<A> = {
    name,
    outputs: ([x]) => {
      expectDType(name, x!, 'f32');
      return [{ shape: x!.shape }];
    },
    dispatches: (node) => launch(node, 'forward', { x: node.inputs[0]! }, { y: node.outputs[0]! }),
    backward: (node, [dy]) => {
      const which = typeof saved === 'string' ? saved : saved(node.attributes);
      const source = which === 'x' ? node.inputs[0]! : node.outputs[0]!;
      return [apply1(gradient, [dy!, source], node.attributes)];
    },
  };
  const activation = (attributes: A): Activation => ({ shader, constants: constants(attributes) });
  functions.set(op as Op, activation as (attributes: unknown) => Activation);
  return { op, gradient, activation, of: (x, attributes, more) => apply1(op, [x], attributes, more) };
}
