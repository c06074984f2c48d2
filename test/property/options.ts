/** How many cases are drawn, and by which seed: what `tools/deep.ts` says, or the few of `npm test`. */
import { inject } from 'vitest';

/** Set by vite.config.ts for the tests of every project. */
export interface PropertyOptions {
  /** Cases of networks and ops together. */
  readonly cases: number;
  readonly seed: number;
  /** fast-check's path to one failing case. */
  readonly path?: string | undefined;
  /** Say how far a property is, every so many seconds. */
  readonly progress: boolean;
}

declare module 'vitest' {
  interface ProvidedContext {
    property: PropertyOptions;
  }
}

/** Cases of `npm test`: 40 networks, the rest are ops. */
export const SMALL = 200;

const given = inject('property');

/** Parameters of a property that `small` of the 200 cases of `npm test` belong to. */
export function runs(name: string, small: number) {
  const numRuns = Math.max(1, Math.round((small * given.cases) / SMALL));
  const { seed, path } = given;
  return { name, timeout: 120_000 + 20_000 * numRuns, parameters: { seed, numRuns, ...(path ? { path } : {}) } };
}
