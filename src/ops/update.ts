/**
 * Creates the ops that update a weight and its optimizer state in place, from a shader: SGD, Adam, RMSprop, and
 * `addScaled`.
 */
import { ShapeError } from '../errors.ts';
import { apply, expectDType, flatGrid, type Op, type OpNode } from '../graph.ts';
import type { Shader } from '../shader/shader.ts';
import { formatShape, sameShape, type Tensor } from '../tensor.ts';
import { vec4s, WORKGROUP } from './elementwise.ts';

export interface UpdateOptions<A> {
  readonly shader: Shader;
  readonly entryPoint: string;
  /** Names of the slots in the shader, in the order of the inputs. */
  readonly slots: readonly string[];
  /** Values of the shader's overrides besides `N`. */
  readonly constants: (attributes: A) => Readonly<Record<string, number>>;
  /** Names in the shader of the updated tensor, of the gradient, and of the step's numbers. Default: `w`, `dw`, `hyper`. */
  readonly names?: readonly [target: string, gradient: string, numbers: string];
  /** Count of the step's numbers. Default: 4. */
  readonly count?: number;
}

const NAMES = ['w', 'dw', 'hyper'] as const;

interface Scaled {
  /** Whether the last input is `scaling`. */
  readonly scaled: boolean;
}

/** The inputs of an update, by their purpose. */
export interface UpdateParts {
  /** The weight and its slots. */
  readonly states: readonly Tensor[];
  readonly dw: Tensor;
  /** `hyper`, and `scaling` if it is given. */
  readonly numbers: readonly Tensor[];
}

const updateOps = new WeakSet<object>();

/** Whether an op updates a weight element by element, so that several updates can be fused into one. */
export function isUpdateOp(op: Op): boolean {
  return updateOps.has(op);
}

/** The inputs of a node that updates a weight. */
export function updateParts({ inputs, attributes }: OpNode): UpdateParts {
  const numbers = (attributes as Scaled).scaled ? 2 : 1;
  return { states: inputs.slice(0, -1 - numbers), dw: inputs.at(-1 - numbers)!, numbers: inputs.slice(-numbers) };
}

/** Applies an update, with or without `scaling`. */
export type Update<A> = (
  w: Tensor,
  slots: readonly Tensor[],
  dw: Tensor,
  hyper: Tensor,
  scaling: Tensor | undefined,
  attributes: A,
) => void;

/**
 * Creates an op that updates a weight and its slots in place. Inputs: `w`, the slots, `dw`, `hyper`, and perhaps
 * `scaling`, the result of `lossScaling`. The shader has the name of the op, uses these names, and has the overrides
 * `N`, in vec4s, and `SCALED`. A shader with other `names` takes no `scaling`.
 */
export function updateOp<A>({
  shader,
  entryPoint,
  slots,
  constants,
  names = NAMES,
  count = 4,
}: UpdateOptions<A>): Update<A> {
  const { name } = shader;
  const [target, gradient, numbers] = names;
  const op: Op<A & Scaled> = {
    name,
    mutates: [0, ...slots.map((_, i) => i + 1)],
    outputs: (inputs, { scaled }) => {
      const others = scaled ? 4 : 3;
      if (inputs.length !== slots.length + others) {
        throw new ShapeError(
          `${name}: this variant has the slots [${slots}], got ${inputs.length - others} tensors for them.`,
        );
      }
      for (const input of inputs) expectDType(name, input, 'f32');
      const w = inputs[0]!;
      const [hyper, scaling] = inputs.slice(slots.length + 2) as [Tensor, Tensor | undefined];
      for (const [i, input] of inputs.slice(1, slots.length + 2).entries()) {
        if (!sameShape(input.shape, w.shape)) {
          throw new ShapeError(
            `${name}: ${slots[i] ?? gradient} has shape ${formatShape(input.shape)}, ${target === 'w' ? 'the weight' : target} ${formatShape(w.shape)}.`,
          );
        }
      }
      if (!sameShape(hyper.shape, [count])) {
        throw new ShapeError(`${name}: ${numbers} must be [${count}], got ${formatShape(hyper.shape)}.`);
      }
      if (scaling && !sameShape(scaling.shape, [2])) {
        throw new ShapeError(`${name}: scaling must be [2], got ${formatShape(scaling.shape)}.`);
      }
      return [];
    },
    dispatches: ({ inputs, attributes }) => {
      const w = inputs[0]!;
      const state = Object.fromEntries(slots.map((slot, i): [string, Tensor] => [slot, inputs[i + 1]!]));
      const [dw, hyper, scaling = hyper] = inputs.slice(slots.length + 1) as [Tensor, Tensor, Tensor | undefined];
      const scaled: Record<string, Tensor> = names === NAMES ? { scaling } : {};
      return [
        {
          shader,
          entryPoint,
          constants: { N: vec4s(w), ...constants(attributes), ...(attributes.scaled ? { SCALED: 1 } : {}) },
          reads: { [gradient]: dw, [numbers]: hyper, ...scaled },
          writes: { [target]: w, ...state },
          workgroups: flatGrid(vec4s(w), WORKGROUP),
        },
      ];
    },
  };
  updateOps.add(op);
  return (w, states, dw, hyper, scaling, attributes) => {
    const inputs = [w, ...states, dw, hyper, ...(scaling ? [scaling] : [])];
    apply(op, inputs, { ...attributes, scaled: scaling !== undefined });
  };
}
