/** The report of a benchmark run, as plain JSON. All times are in milliseconds, all sizes in bytes. */
import type { BundleSize } from './bundles.ts';
import type { ContenderReport, FirstStep } from './contender.ts';
import type { EngineReport } from './engine.ts';

export interface Entry {
  readonly library: string;
  readonly model: string;
  readonly batch: number;
  /** Why there is no result. */
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
  /** Parts (a) and (d): steps, predictions, and their WebGPU calls. */
  readonly entries: readonly Entry[];
  /** Parts (b) and (f), and in quick runs the steps as well. */
  readonly engine?: EngineReport;
  /** Part (c): the first step of a page. */
  readonly first: readonly FirstEntry[];
  /** (e) */
  readonly sizes: readonly BundleSize[];
  readonly targets: readonly Target[];
}

export interface Target {
  readonly what: string;
  readonly target: string;
  /** The text of a value; `not measured` if there is none. */
  readonly reached: string;
  readonly met?: boolean;
}
