import { apply1, expectDType, flatGrid, type Op, type OpNode } from '../graph.ts';
import type { Shader } from '../shader.ts';
import { elements, type Tensor } from '../tensor.ts';

/** Invocations a workgroup of the element-wise shaders. */
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
  /** Whether the gradient is computed from the op's input (`x`) or its output (bound as `y_saved`). */
  readonly saved: 'x' | 'y';
}

export interface UnaryFunction<A> {
  readonly op: Op<A>;
  /** Inputs `dy` and what is saved. */
  readonly gradient: Op<A>;
  /** Applies the op. */
  of(x: Tensor, attributes: A): Tensor;
}

/**
 * An op y = f(x), element by element, and its gradient dx = f'(x) dy. The shader has the entry points `forward` (reads
 * `x`, writes `y`) and `backward` (reads `dy` and what is saved, writes `dx`), and the override `N`, in vec4s.
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
      return launch(node, 'backward', { dy: dy!, [saved === 'x' ? 'x' : 'y_saved']: s! }, { dx: node.outputs[0]! });
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
      const source = saved === 'x' ? node.inputs[0]! : node.outputs[0]!;
      return [apply1(gradient, [dy!, source], node.attributes)];
    },
  };
  return { op, gradient, of: (x, attributes) => apply1(op, [x], attributes) };
}
