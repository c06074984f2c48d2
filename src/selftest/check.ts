/** What is computed on a device and compared with a reference, whatever it is of: an op, an optimizer's step, a whole training. */
import type { Device } from '../index.ts';
import type { KernelChoice } from '../kernels.ts';
import type { Array64, Tolerance } from './arrays.ts';
import { runCase } from './onDevice.ts';
import { caseStream, caseTitle, drawCase, type OpSpec, tolerances } from './spec.ts';
import { ruleResult, runUpdates, UPDATE_SHAPES, type UpdateSpec, updateData } from './update.ts';

/** A result beside its reference. */
export interface Comparison {
  /** Which result: `y`, `gradient of input 0`. */
  readonly what: string;
  readonly got: ArrayLike<number>;
  readonly want: Array64;
  readonly tolerance: Tolerance;
}

/** Computes on a device, with the kernels that are chosen. @throws what planning, compiling and running throw */
export type Run = (device: Device, choose?: KernelChoice) => Promise<readonly Comparison[]>;

export interface Check {
  readonly op: string;
  /** The case. */
  readonly title: string;
  /** What the device must have for it. */
  readonly needs?: GPUFeatureName;
  /** Computes the reference; what is returned may run any number of times. */
  prepare(): Run;
}

/** The cases of a spec. */
export function opChecks<P>(spec: OpSpec<P>): Check[] {
  return spec.cases.map((opCase, index) => ({
    op: spec.name,
    title: caseTitle(opCase),
    prepare() {
      const { forward, backward } = tolerances(spec, opCase);
      const drawn = drawCase(spec, opCase, caseStream(index));
      return async (device, choose) => {
        const { y, dxs } = await runCase(device, spec, opCase, drawn, choose);
        const slopes = (drawn.dxs ?? []).flatMap((want, i): Comparison[] =>
          want ? [{ what: `gradient of input ${i}`, got: dxs[i]!, want, tolerance: backward }] : [],
        );
        return [{ what: 'y', got: y, want: drawn.y, tolerance: forward }, ...slopes];
      };
    },
  }));
}

/** Several steps of an optimizer's kernel. */
export function updateChecks(spec: UpdateSpec): Check[] {
  return UPDATE_SHAPES.map((shape) => ({
    op: spec.name,
    title: `[${shape}]`,
    prepare() {
      const data = updateData(shape);
      const want = ruleResult(data, spec.slots.length, spec.rule);
      return async (device, choose) => {
        const got = await runUpdates(device, data, spec, choose);
        return [
          { what: 'w', got: got.w, want: want.w, tolerance: spec.tolerance },
          ...spec.slots.map((what, i) => ({
            ...{ what, got: got.slots[i]!, want: want.slots[i]! },
            tolerance: spec.tolerance,
          })),
        ];
      };
    },
  }));
}
