/**
 * A check computes something on a device and compares it with a reference: an op, steps of an optimizer, or a whole
 * training.
 */
import type { Device } from '../index.ts';
import type { KernelChoice } from '../plan/kernels.ts';
import { type Array64, size, type Tolerance } from './arrays.ts';
import { runCase } from './onDevice.ts';
import { caseStream, caseTitle, drawCase, type OpSpec, type PlantedNaN, tolerances, withNaNs } from './spec.ts';
import { ruleResult, runUpdates, UPDATE_SHAPES, type UpdateSpec, updateData } from './update.ts';

/** A result and its reference. */
export interface Comparison {
  /** Name of the result: `y`, `gradient of input 0`. */
  readonly what: string;
  readonly got: ArrayLike<number>;
  readonly want: Array64;
  readonly tolerance: Tolerance;
}

/** Computes on a device, with the chosen kernels. @throws the errors of planning, compiling and running */
export type RunCheck = (device: Device, choose?: KernelChoice) => Promise<readonly Comparison[]>;

export interface Check {
  readonly op: string;
  /** Description of the case. */
  readonly title: string;
  /** Feature that the device must have. */
  readonly needs?: GPUFeatureName;
  /** See `OpSpec.sharesKernels`. */
  readonly sharesKernels?: boolean;
  /** Computes the reference. The returned function may be called any number of times. */
  prepare(): RunCheck;
}

/** The checks of a spec: one for each case. */
export function opChecks<P>(spec: OpSpec<P>): Check[] {
  return spec.cases.map((opCase, index) => ({
    op: spec.name,
    title: caseTitle(opCase),
    sharesKernels: spec.sharesKernels ?? false,
    prepare() {
      const { forward, backward } = tolerances(spec, opCase);
      const first = drawCase(spec, opCase, caseStream(index));
      const drawn = [first, ...withNaNs(spec, opCase, first, index)];
      return async (device, choose) => {
        const results = await runCase(device, spec, opCase, drawn, choose);
        return results.flatMap(({ y, dxs }, run): Comparison[] => {
          const { y: wantY, dxs: wanted = [], nan } = drawn[run]!;
          const slopes = wanted.map((want, i) => [`gradient of input ${i}`, dxs[i], want, backward] as const);
          const where = whereOf(nan, opCase.shapes.length);
          const spreads = nan !== undefined && spec.spreads?.includes(nan.input);
          // If an allowed NaN has not reached y, a maximum may have chosen another element, and its gradients differ.
          // Do not compare them.
          const decided = !spreads || wantY.data.every((value, i) => Number.isNaN(value) || !Number.isNaN(y[i]));
          return [['y', y, wantY, forward] as const, ...(decided ? slopes : [])].flatMap(
            ([what, got, want, tolerance]) =>
              got && want
                ? [{ what: `${what}${where}`, got, want: spreads ? allowing(want, got) : want, tolerance }]
                : [],
          );
        });
      };
    },
  }));
}

/** Text that names the input with the planted NaN. */
function whereOf(nan: PlantedNaN | undefined, inputs: number): string {
  if (!nan) return '';
  return ` with a NaN in ${nan.input < inputs ? `input ${nan.input}` : 'the upstream gradient'}`;
}

/** The reference, with a NaN wherever the kernel's result has one. */
function allowing({ data, shape }: Array64, got: ArrayLike<number>): Array64 {
  return { shape, data: data.map((value, i) => (Number.isNaN(got[i]) ? got[i]! : value)) };
}

/** The checks of an optimizer's kernel, over several steps. */
export function updateChecks(spec: UpdateSpec): Check[] {
  const planted = { shape: UPDATE_SHAPES[1]!, nan: true };
  return [...UPDATE_SHAPES.map((shape) => ({ shape, nan: false })), planted].map(({ shape, nan }) => ({
    op: spec.name,
    title: `[${shape}]${nan ? ', a gradient with a NaN' : ''}`,
    prepare() {
      const data = updateData(shape);
      if (nan) data.gradients[1]!.data[size(shape) - 2] = Number.NaN;
      const want = ruleResult(data, spec.slots.length, spec.rule);
      return async (device, choose) => {
        const got = await runUpdates(device, data, spec, choose);
        return [
          { what: 'w', got: got.w, want: want.w, tolerance: spec.tolerance },
          ...spec.slots.map((what, i) => ({
            what,
            got: got.slots[i]!,
            want: want.slots[i]!,
            tolerance: spec.tolerance,
          })),
        ];
      };
    },
  }));
}
