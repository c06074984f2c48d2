/** What a trial of the package is, and what comes of one. */
import type { Browser } from 'puppeteer';

/** Where a trial is made. */
export interface Place {
  /** A folder for its projects. */
  readonly work: string;
  /** The package's archive. */
  readonly packed: string;
  readonly browser: Browser;
}

export interface Consumer {
  readonly name: string;
  /** Installs the package, and trains by it. @returns `trained: NUMBER`, or the engine's error where there is no GPU */
  trial(place: Place): Promise<string>;
}

/** What cannot be had on this machine, so that nothing can be said of it. */
export class NotHere extends Error {}

export type Outcome = 'works' | 'FAILED' | 'not here';

/**
 * What a trial's result means: training must give 2 * 4 + 1, and where there is no GPU the engine must say how to get one.
 * @param withGpu whether there is one, be it software
 */
export function outcomeOf(result: string, withGpu: boolean): Outcome {
  const [, value] = /^trained: ([\d.]+)$/.exec(result) ?? [];
  if (value !== undefined) return Math.abs(Number(value) - 9) < 0.1 ? 'works' : 'FAILED';
  return !withGpu && /^DeviceError: .*(webgpu|WebGPU)/.test(result) ? 'works' : 'FAILED';
}
