import type { BatchRunner } from './runner.ts';
import type { Mode } from './step.ts';

/** Batch sizes of each mode whose runners are kept: the full batch, the last partial one, and two to spare. */
const KEPT = 4;

/**
 * Runners by mode and batch size; those of each mode that were used last are kept. A model uses one runner of a mode at a
 * time, so that the least recently used of several is never in use.
 */
export class RunnerCache {
  readonly #make: (mode: Mode, batchSize: number) => Promise<BatchRunner>;
  /** By batch size, the least recently used first. */
  readonly #runners = new Map<Mode, Map<number, Promise<BatchRunner>>>();

  constructor(make: (mode: Mode, batchSize: number) => Promise<BatchRunner>) {
    this.#make = make;
  }

  /** The runner of this batch size, the same one while it is kept. */
  get(mode: Mode, batchSize: number): Promise<BatchRunner> {
    const kept = this.#runners.get(mode) ?? new Map<number, Promise<BatchRunner>>();
    this.#runners.set(mode, kept);
    const runner = kept.get(batchSize) ?? this.#replace(kept, mode, batchSize);
    kept.delete(batchSize);
    kept.set(batchSize, runner); // at the end: the most recently used
    runner.catch(() => {
      if (kept.get(batchSize) === runner) kept.delete(batchSize); // the next call tries again
    });
    return runner;
  }

  /** Frees the runners of some modes; to be awaited. */
  async evict(...modes: readonly Mode[]): Promise<void> {
    const evicted = modes.flatMap((mode) => [...(this.#runners.get(mode)?.values() ?? [])]);
    for (const mode of modes) this.#runners.get(mode)?.clear();
    await Promise.all(evicted.map(destroy));
  }

  /** Frees all runners, those too that are still being made. */
  clear(): void {
    for (const kept of this.#runners.values()) for (const runner of kept.values()) destroy(runner);
    this.#runners.clear();
  }

  /** The old one goes before the new one comes, which then fits into its memory. */
  async #replace(kept: Map<number, Promise<BatchRunner>>, mode: Mode, batchSize: number): Promise<BatchRunner> {
    const [oldest] = kept;
    if (oldest && kept.size >= KEPT) {
      kept.delete(oldest[0]);
      await destroy(oldest[1]);
    }
    return this.#make(mode, batchSize);
  }
}

/** One that could not be made has nothing to free. */
function destroy(runner: Promise<BatchRunner>): Promise<void> {
  return runner.then((made) => made.destroy()).catch(() => {});
}
