import type { TuningStore } from '../../src/index.ts';

/** A budget that does not end: what is measured must not depend on how busy a machine is. */
export const PATIENT = 60_000;

/** A store in memory: what a page's database is to it, `data` is to a test. */
export function memoryStore(data: Record<string, Record<string, string>> = {}): TuningStore & { data: typeof data } {
  return {
    data,
    load: async (adapter) => data[adapter] ?? {},
    save: async (adapter, choices) => {
      data[adapter] = { ...data[adapter], ...choices };
    },
  };
}
