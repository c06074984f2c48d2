import type { KernelChoice } from '../plan/kernels.ts';
import type { Device } from './device.ts';
import { fileStore } from './fileStore.ts';
import { type Measurement, measure } from './measure.ts';
import { type Trial, trialBytes, trialOf } from './trial.ts';
import { asChoices, databaseStore, type TuningStore } from './tuningStore.ts';

/** How the kernels of a model are chosen by measuring. */
export interface TuneOptions {
  /**
   * Milliseconds that measuring may take in all, compilation included; a node that was begun is brought to a result. Default 2000;
   * 600 on software adapters.
   */
  readonly budget?: number;
  /** Where choices outlast the page or process. Default: IndexedDB in a page, a file in the user's cache folder under Node. */
  readonly store?: TuningStore;
}

/** What a device has measured. */
export interface TuningReport {
  /** In the order in which they were made. */
  readonly measurements: readonly Measurement[];
  /** Time spent measuring. */
  readonly milliseconds: number;
}

const BUDGET_MS = 2000;
const SOFTWARE_BUDGET_MS = 600;
/** A store that has not answered by then, in milliseconds, is taken for an empty one. */
const PATIENCE_MS = 1000;

let shared: TuningStore | undefined;

/** The store of this environment, always the same one. */
function defaultStore(): TuningStore {
  shared ??= typeof indexedDB === 'undefined' ? fileStore() : databaseStore();
  return shared;
}

/** What is known of one adapter, as long as the page or process lives: all its devices choose the same kernels. */
interface AdapterChoices {
  /** The kernel for each key: measured, or the first of the list where the budget had no room for it. */
  readonly choices: Map<string, string>;
  /** Done once what the store has was added. */
  readonly loaded: Promise<void>;
  /** Measurements wait for each other. */
  queue: Promise<unknown>;
}

/** By store and adapter. */
const memories = new WeakMap<TuningStore, Map<string, AdapterChoices>>();

function memoryOf(store: TuningStore, adapter: string): AdapterChoices {
  const adapters = memories.get(store) ?? new Map<string, AdapterChoices>();
  memories.set(store, adapters);
  const known = adapters.get(adapter);
  if (known) return known;
  const choices = new Map<string, string>();
  const memory: AdapterChoices = { choices, loaded: load(store, adapter, choices), queue: Promise.resolve() };
  adapters.set(adapter, memory);
  return memory;
}

async function load(store: TuningStore, adapter: string, choices: Map<string, string>): Promise<void> {
  const loading = (async () => store.load(adapter))();
  const answer = new Promise<unknown>((resolve) => {
    const timer = setTimeout(resolve, PATIENCE_MS);
    loading
      .catch(() => undefined) // forbidden, absent or broken: as good as empty
      .then(resolve)
      .finally(() => clearTimeout(timer));
  });
  for (const [key, kernel] of Object.entries(asChoices(await answer))) choices.set(key, kernel);
}

/** What tells an adapter from another: a driver's update may change its description, and then all is measured again. */
export function adapterKey({ vendor, architecture, device, description }: GPUAdapterInfo): string {
  return [vendor, architecture, device, description].join('/');
}

/**
 * Chooses among kernels by measuring them on a device, within a budget of time, the dearest nodes first. What was measured is
 * remembered for the adapter.
 */
export class Tuner {
  readonly #device: Device;
  readonly #store: TuningStore;
  readonly #adapter: string;
  readonly #memory: AdapterChoices;
  readonly #chosen: Map<string, string>;
  readonly #free: () => number;
  #left: number;

  /**
   * @param chosen kernels that were chosen before, for whatever device; those chosen now are added
   * @param free bytes of the device that measuring may take
   */
  constructor(
    device: Device,
    { budget, store = defaultStore() }: TuneOptions = {},
    chosen = new Map<string, string>(),
    free = () => Infinity,
  ) {
    this.#free = free;
    this.#device = device;
    this.#chosen = chosen;
    this.#store = store;
    this.#adapter = adapterKey(device.gpu.adapterInfo);
    this.#memory = memoryOf(store, this.#adapter);
    this.#left = budget ?? (device.isSoftware ? SOFTWARE_BUDGET_MS : BUDGET_MS);
  }

  /** By what is known already, for plans that cannot wait; else the first of the list. */
  readonly choose: KernelChoice = (node, able) => this.#known(trialOf(node, able, this.#device.target));

  /** Done once `choose` knows what earlier visits measured. */
  loaded(): Promise<void> {
    return this.#memory.loaded;
  }

  /**
   * Builds a plan by a choice that is measured: what the plan asks for and is not known yet is measured before. Nodes that the budget
   * or the memory has no room for get the first kernel of their lists, also later on: a run that goes on after the loss of its device must find the
   * same kernels.
   * @param build makes the plan, by `choose`; pure, it may be called twice
   * @throws DeviceError where the device was lost meanwhile
   */
  async tuned<T>(build: (choose: KernelChoice) => T): Promise<T> {
    await this.loaded();
    const turn = this.#memory.queue.then(async () => {
      const unknown = new Map<string, Trial>();
      const built = build((node, able) => {
        const trial = trialOf(node, able, this.#device.target);
        const kernel = this.#known(trial);
        if (trial && kernel === undefined) unknown.set(trial.key, trial);
        return kernel;
      });
      if (unknown.size === 0) return built;
      await this.#settle([...unknown.values()]);
      return build(this.choose);
    });
    this.#memory.queue = turn.catch(() => {}); // the next one does not fail because this one did
    return turn;
  }

  #known(trial: Trial | undefined): string | undefined {
    if (!trial) return undefined;
    const kernel = this.#chosen.get(trial.key) ?? this.#memory.choices.get(trial.key);
    if (!trial.candidates.some((candidate) => candidate.kernel === kernel)) return undefined;
    this.#chosen.set(trial.key, kernel!);
    return kernel;
  }

  async #settle(trials: Trial[]): Promise<void> {
    const measured: Record<string, string> = {};
    let last = 0;
    for (const trial of trials.sort((p, q) => q.work - p.work)) {
      let chosen: string | undefined;
      // One that is as dear as the last one would not be done in time.
      if (this.#left > last && trialBytes(trial) <= this.#free()) {
        const measurement = await this.#measure(trial);
        last = measurement.milliseconds;
        chosen = measurement.chosen;
        if (chosen !== undefined) measured[trial.key] = chosen;
      }
      this.#memory.choices.set(trial.key, chosen ?? trial.candidates[0]!.kernel);
    }
    if (Object.keys(measured).length > 0) {
      // Not waited for: nothing depends on it, and a store that fails leaves the choices in memory.
      (async () => this.#store.save(this.#adapter, measured))().catch(() => {});
    }
  }

  async #measure(trial: Trial): Promise<Measurement> {
    const measurement = await measure(this.#device, trial, performance.now() + this.#left);
    this.#left -= measurement.milliseconds;
    const { tuning } = this.#device;
    this.#device.tuning = {
      measurements: [...tuning.measurements, measurement],
      milliseconds: tuning.milliseconds + measurement.milliseconds,
    };
    return measurement;
  }
}
