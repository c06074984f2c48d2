/** What a run of the benchmark leaves: plain JSON. All times in milliseconds, all sizes in bytes. */
import type { BundleSize } from './bundles.ts';
import type { ContenderReport, FirstStep } from './contender.ts';
import type { EngineReport } from './engine.ts';

export interface Entry {
  readonly library: string;
  readonly model: string;
  readonly batch: number;
  /** Why there is nothing. */
  readonly leftOut?: string;
  readonly failed?: string;
  readonly result?: ContenderReport;
}

export interface FirstEntry {
  readonly library: string;
  readonly model: string;
  readonly batch: number;
  readonly failed?: string;
  readonly result?: FirstStep;
}

export interface BenchReport {
  readonly date: string;
  readonly adapter: string;
  readonly versions: Readonly<Record<string, string>>;
  readonly options: object;
  /** (a), and (d): steps, predictions, what they ask of WebGPU. */
  readonly entries: readonly Entry[];
  /** (b) and (f), and in quick runs the steps as well. */
  readonly engine?: EngineReport;
  /** (c) */
  readonly first: readonly FirstEntry[];
  /** (e) */
  readonly sizes: readonly BundleSize[];
  readonly targets: readonly Target[];
}

export interface Target {
  readonly what: string;
  readonly target: string;
  /** `not measured` where it was not. */
  readonly reached: string;
  readonly met?: boolean;
}
