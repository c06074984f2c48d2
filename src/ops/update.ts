import { ShapeError } from '../errors.ts';
import { expectDType, flatGrid, type Op } from '../graph.ts';
import type { Shader } from '../shader.ts';
import { formatShape, sameShape, type Tensor } from '../tensor.ts';
import { vec4s, WORKGROUP } from './elementwise.ts';

export interface UpdateOptions<A> {
  readonly shader: Shader;
  readonly entryPoint: string;
  /** Names of the slots in the shader, in the order of the inputs. */
  readonly slots: readonly string[];
  /** Values of the shader's overrides besides `N`. */
  readonly constants: (attributes: A) => Readonly<Record<string, number>>;
}

const updateOps = new WeakSet<object>();

/** Whether an op updates a weight element by element, so that several updates may be one. */
export function isUpdateOp(op: Op): boolean {
  return updateOps.has(op);
}

/**
 * An op that updates a weight and its slots in place. Inputs: `w`, the slots, `dw`, `hyper`. The shader, named as the op,
 * calls them by these names and has the override `N`, in vec4s.
 */
export function updateOp<A>({ shader, entryPoint, slots, constants }: UpdateOptions<A>): Op<A> {
  const { name } = shader;
  const op: Op<A> = {
    name,
    mutates: [0, ...slots.map((_, i) => i + 1)],
    outputs: (inputs) => {
      if (inputs.length !== slots.length + 3) {
        throw new ShapeError(
          `${name}: this variant has the slots [${slots}], got ${inputs.length - 3} tensors for them.`,
        );
      }
      for (const input of inputs) expectDType(name, input, 'f32');
      const w = inputs[0]!;
      const hyper = inputs.at(-1)!;
      for (const [i, input] of inputs.slice(1, -1).entries()) {
        if (!sameShape(input.shape, w.shape)) {
          throw new ShapeError(
            `${name}: ${slots[i] ?? 'dw'} has shape ${formatShape(input.shape)}, the weight ${formatShape(w.shape)}.`,
          );
        }
      }
      if (!sameShape(hyper.shape, [4])) {
        throw new ShapeError(`${name}: hyper must be [4], got ${formatShape(hyper.shape)}.`);
      }
      return [];
    },
    dispatches: ({ inputs, attributes }) => {
      const w = inputs[0]!;
      const state = Object.fromEntries(slots.map((slot, i): [string, Tensor] => [slot, inputs[i + 1]!]));
      return [
        {
          shader,
          entryPoint,
          constants: { N: vec4s(w), ...constants(attributes) },
          reads: { dw: inputs.at(-2)!, hyper: inputs.at(-1)! },
          writes: { w, ...state },
          workgroups: flatGrid(vec4s(w), WORKGROUP),
        },
      ];
    },
  };
  updateOps.add(op);
  return op;
}
