/** How many random cases are tried, and by which seed: the few of `npm test`, or what `npm run test:deep` says. */
import { inject } from 'vitest';

export interface PropertyOptions {
  /** Cases of networks and ops together. */
  readonly cases: number;
  readonly seed: number;
  /** fast-check's way to one failing case; with the name of its test, this repeats it alone. */
  readonly path: string;
  /** Steps of the soak test. */
  readonly steps: number;
}

declare module 'vitest' {
  interface ProvidedContext {
    property: PropertyOptions;
  }
}

/** Of a hundred cases these are networks, the rest are ops. */
const NETWORKS = 10;

export const options = inject('property');

/** Cases of all networks. */
export const networkCount = Math.max(1, Math.round((options.cases * NETWORKS) / 100));
/** Cases of all ops. */
export const opCount = options.cases - networkCount;

/** Parameters of `fc.assert`. @param numRuns number of cases @param offset differs between tests with the same arbitrary */
export function parameters(numRuns: number, offset = 0) {
  return { seed: options.seed + offset, numRuns, ...(options.path ? { path: options.path } : {}) };
}
