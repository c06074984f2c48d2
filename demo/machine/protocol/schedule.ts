/** A training step as the engine plans it, for the page to draw. */
import type { PlanJson } from 'neurite';

export type DispatchInfo = PlanJson['dispatches'][number];
export type BindingInfo = DispatchInfo['bindings'][number];
export type Phase = DispatchInfo['phase'];

/** A planned training step. */
export interface Schedule
  extends Pick<PlanJson, 'dispatches' | 'slots' | 'lifetimes' | 'variables' | 'inputs' | 'peakBytes'> {
  readonly batchSize: number;
  /** GPU time of each dispatch in microseconds, where it was measured. */
  readonly microseconds?: readonly number[];
}
