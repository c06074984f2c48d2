/**
 * Searches tensors for infinities and NaNs on the device, and records the first one, so that training can stop and name
 * its place.
 */
import source from '../../shaders/nonFinite.wgsl?raw';
import { ArgumentError, ShapeError } from '../errors.ts';
import { apply1, type Dispatch, expectDType, flatGrid, type Op } from '../graph.ts';
import { check, checkOptions } from '../options.ts';
import { elements, formatShape, sameShape, type Tensor } from '../tensor.ts';
import { WORKGROUP } from './elementwise.ts';

const shader = { name: 'nonFinite', source };

/** Number of tensors that one dispatch checks. With the flags, these are as many bindings as every device has. */
const AT_ONCE = 7;
/** Least number of elements that an invocation checks. */
const FEWEST_ELEMENTS = 64;
/** Largest number of invocations: this many keep a device busy. */
const MOST_PARTS = 8192;

/** Count of numbers in the state. */
export const NON_FINITE_STATE = 3;

export interface NonFiniteOptions {
  /** Index of the first tensor; the others follow it. Default 0. */
  readonly first?: number;
  /** f32 `[2]`, the result of `lossScaling`, which is passed on. Absent: `[1, 1]`. */
  readonly scaling?: Tensor | undefined;
}

/** The content of a state: the index of the tensor, the index of its element in memory, and the value there. */
export interface NonFinite {
  readonly tensor: number;
  readonly element: number;
  readonly value: 'NaN' | 'Infinity';
}

/** Reads a state. Undefined if all values were finite. */
export function nonFiniteIn(state: Uint32Array): NonFinite | undefined {
  const [number, place] = state as unknown as [number, number];
  if (number === 0) return undefined;
  return { tensor: number - 1, element: (place >>> 1) - 1, value: place & 1 ? 'NaN' : 'Infinity' };
}

interface Attributes {
  readonly first: number;
  readonly scaled: boolean;
}

function partsOf({ shape }: Tensor): number {
  return Math.min(Math.ceil(elements(shape) / FEWEST_ELEMENTS), MOST_PARTS);
}

function flagsOf(tensors: readonly Tensor[]): number {
  return tensors.reduce((sum, tensor) => sum + partsOf(tensor), 0);
}

/** The tensors to check among an op's inputs. */
function tensorsOf(inputs: readonly Tensor[], { scaled }: Attributes): readonly Tensor[] {
  return inputs.slice(scaled ? 2 : 1);
}

/** Inputs `state`, perhaps `scaling`, and tensors. */
const op: Op<Attributes> = {
  name: 'nonFinite',
  mutates: [0],
  outputs: (inputs, attributes) => {
    const [state, scaling] = inputs as [Tensor, Tensor];
    const tensors = tensorsOf(inputs, attributes);
    if (tensors.length === 0) throw new ArgumentError('nonFinite: there are no tensors.');
    expectDType('nonFinite', state, 'u32');
    if (!sameShape(state.shape, [NON_FINITE_STATE])) {
      throw new ShapeError(`nonFinite: state must be [${NON_FINITE_STATE}], got ${formatShape(state.shape)}.`);
    }
    if (attributes.scaled && !sameShape(scaling.shape, [2])) {
      throw new ShapeError(`nonFinite: scaling must be [2], got ${formatShape(scaling.shape)}.`);
    }
    for (const tensor of [...tensors, ...(attributes.scaled ? [scaling] : [])]) expectDType('nonFinite', tensor, 'f32');
    return [{ shape: [2], name: 'scaling' }];
  },
  scratch: (inputs, attributes) => [
    { shape: [2 * flagsOf(tensorsOf(inputs, attributes))], dtype: 'u32', name: 'flags' },
  ],
  dispatches: ({ inputs, outputs: [scaling], scratch: [flags], attributes }) => {
    const tensors = tensorsOf(inputs, attributes);
    const dispatches: Dispatch[] = [];
    for (let first = 0; first < tensors.length; first += AT_ONCE) {
      const constants: Record<string, number> = {
        OFFSET: flagsOf(tensors.slice(0, first)),
        NUMBER: attributes.first + first,
      };
      const reads: Record<string, Tensor> = {};
      let end = 0;
      for (let j = 0; j < AT_ONCE; j++) {
        const tensor = first + j < tensors.length ? tensors[first + j] : undefined;
        end += tensor ? partsOf(tensor) : 0;
        constants[`N${j}`] = tensor ? elements(tensor.shape) : 0;
        constants[`E${j}`] = end;
        reads[`x${j}`] = tensor ?? tensors[first]!;
      }
      const workgroups = flatGrid(end, WORKGROUP);
      dispatches.push({ shader, entryPoint: 'check', constants, reads, writes: { flags: flags! }, workgroups });
    }
    const given = attributes.scaled ? inputs[1]! : flags!;
    dispatches.push({
      shader,
      entryPoint: 'finish',
      constants: { FLAGS: flagsOf(tensors), SCALED: attributes.scaled ? 1 : 0 },
      reads: { flags_saved: flags!, scaling_saved: given },
      writes: { state: inputs[0]!, scaling: scaling! },
      workgroups: [1, 1, 1],
    });
    return dispatches;
  },
};

/**
 * Searches for infinities and NaNs by their bits. The index of the first tensor that has one, and the index of its
 * first such element, are written into the state, unless it has an entry already. `nonFiniteIn` reads the state. Has no
 * gradient.
 * @param state variable u32 `[3]`; zeros mean that nothing was found. If its last number is 1, nothing is written any
 *   more.
 * @param tensors f32, of any shapes
 * @returns `scaling`, f32 `[2]`, for the optimizer's updates: the given one or `[1, 1]`. While the state has an entry,
 *   its second number is 0, so that the updates change nothing.
 * @throws ArgumentError without tensors; ShapeError if inputs do not fit
 */
export function nonFinite(state: Tensor, tensors: readonly Tensor[], options: NonFiniteOptions = {}): Tensor {
  const { first = 0, scaling } = checkOptions('nonFinite', options, { first: 'countFrom0', scaling: 'any' });
  check('nonFinite', 'tensors', tensors, 'list');
  const inputs = [state, ...(scaling !== undefined ? [scaling] : []), ...tensors];
  return apply1(op, inputs, { first, scaled: scaling !== undefined });
}
