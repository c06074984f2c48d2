import type { Mode } from '../step/step.ts';
import type { Sizes, StepSizes } from './sizes.ts';
import type { StepRunner } from './stepRunner.ts';

/** Runners by mode and size. A model uses one runner of a mode at a time, so that one that has to go is never in use. */
export class RunnerCache {
  readonly #sizes: StepSizes;
  readonly #make: (mode: Mode, batchSize: number) => Promise<StepRunner>;
  readonly #runners = new Map<Mode, Map<number, Promise<StepRunner>>>();

  /** @param sizes of those that are kept; a device that was lost had the same */
  constructor(sizes: StepSizes, make: (mode: Mode, batchSize: number) => Promise<StepRunner>) {
    this.#sizes = sizes;
    this.#make = make;
  }

  /** A runner with room for so many rows: see `Sizes.choose`. */
  get(mode: Mode, ...asked: Parameters<Sizes['choose']>): Promise<StepRunner> {
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

/** One that could not be made has nothing to free. */
function destroy(runner: Promise<StepRunner>): Promise<void> {
  return runner.then((made) => made.destroy()).catch(() => {});
}
