/**
 * Keeps the step runners of a model, by mode and size, so that calls with as many examples share one. `StepSizePolicy`
 * decides which size a call gets and which runner is destroyed for a new one.
 */
import type { Mode } from '../step/step.ts';
import type { StepSizePolicies, StepSizePolicy } from './sizes.ts';
import type { StepRunner } from './stepRunner.ts';

/** Runners by mode and size. A model uses one runner of a mode at a time, so a runner that is replaced is never in use. */
export class RunnerCache {
  readonly #sizes: StepSizePolicies;
  readonly #make: (mode: Mode, batchSize: number) => Promise<StepRunner>;
  readonly #runners = new Map<Mode, Map<number, Promise<StepRunner>>>();

  /** @param sizes the sizes of the prepared steps; they outlast this cache when a lost device is replaced */
  constructor(sizes: StepSizePolicies, make: (mode: Mode, batchSize: number) => Promise<StepRunner>) {
    this.#sizes = sizes;
    this.#make = make;
  }

  /** A runner with room for the requested rows: see `StepSizePolicy.choose`. */
  get(mode: Mode, ...asked: Parameters<StepSizePolicy['choose']>): Promise<StepRunner> {
    const kept = this.#runners.get(mode) ?? new Map<number, Promise<StepRunner>>();
    this.#runners.set(mode, kept);
    const sizes = this.#sizes[mode];
    const { size, gone, fresh } = sizes.choose(...asked);
    const known = kept.get(size);
    if (known) return known;
    const runner = this.#replace(kept, gone, mode, size);
    kept.set(size, runner);
    runner.then(
      ({ step }) => {
        if (mode === 'train') sizes.limit(size, step.rowsAtOnce);
      },
      () => {
        if (kept.get(size) !== runner) return;
        kept.delete(size); // the next call tries again
        if (fresh) sizes.forget(size);
      },
    );
    return runner;
  }

  /** Destroys the runners of some modes. */
  async evict(...modes: readonly Mode[]): Promise<void> {
    const evicted = modes.flatMap((mode) => [...(this.#runners.get(mode)?.values() ?? [])]);
    for (const mode of modes) this.#runners.get(mode)?.clear();
    await Promise.all(evicted.map(destroy));
  }

  /** Destroys all runners, including those that are still being made. */
  clear(): void {
    for (const kept of this.#runners.values()) for (const runner of kept.values()) destroy(runner);
    this.#runners.clear();
  }

  /** Makes a runner, after it has destroyed the old one so that the new one can use its memory. */
  async #replace(
    kept: Map<number, Promise<StepRunner>>,
    gone: number | undefined,
    mode: Mode,
    size: number,
  ): Promise<StepRunner> {
    const old = gone === undefined ? undefined : kept.get(gone);
    if (old) {
      kept.delete(gone!);
      await destroy(old);
    }
    return this.#make(mode, size);
  }
}

/** Destroys a runner once it is made. A runner whose creation failed has nothing to free. */
function destroy(runner: Promise<StepRunner>): Promise<void> {
  return runner.then((made) => made.destroy()).catch(() => {});
}
