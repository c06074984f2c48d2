/**
 * Chooses kernels by measuring them on the device, within a limited time, and remembers the choices for each adapter:
 * in memory, and in a store that outlasts the page or process.
 */
import type { KernelChoice } from '../plan/kernels.ts';
import type { Device } from './device.ts';
import { fileStore } from './fileStore.ts';
import { type Measurement, measure } from './measure.ts';
import { type Trial, trialBytes, trialOf } from './trial.ts';
import { asChoices, databaseStore, type TuningStore } from './tuningStore.ts';

/** How the kernels of a model are chosen by measuring. */
export interface TuneOptions {
  /**
   * Milliseconds that measuring may take in all, compilation included. A measurement that has begun is finished.
   * Default 2000; 600 on software adapters.
   */
  readonly budget?: number;
  /**
   * Store for the choices, for later pages or processes. Default: IndexedDB in a page, a file in the user's cache
   * folder under Node.
   */
  readonly store?: TuningStore;
}

/** The measurements made on a device. */
export interface TuningReport {
  /** In order of time. */
  readonly measurements: readonly Measurement[];
  /** Duration of all measurements. */
  readonly milliseconds: number;
}

const BUDGET_MS = 2000;
const SOFTWARE_BUDGET_MS = 600;
/** In milliseconds. A store that has not answered by then counts as empty. */
const PATIENCE_MS = 1000;

let shared: TuningStore | undefined;

/** The store of this environment, always the same one. */
function defaultStore(): TuningStore {
  shared ??= typeof indexedDB === 'undefined' ? fileStore() : databaseStore();
  return shared;
}

/**
 * The choices for one adapter, kept as long as the page or process exists, so that all its devices choose the same
 * kernels.
 */
interface AdapterChoices {
  /** The kernel for each key: the measured one, or the first of the list if the budget was used up. */
  readonly choices: Map<string, string>;
  /** Resolves when the store's choices have been added. */
  readonly loaded: Promise<void>;
  /** The last measurement; the next one begins after it. */
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
      .catch(() => undefined) // a store that is forbidden, absent or broken counts as empty
      .then(resolve)
      .finally(() => clearTimeout(timer));
  });
  for (const [key, kernel] of Object.entries(asChoices(await answer))) choices.set(key, kernel);
}

/** The adapter's identity in a store. If a driver's update changes the description, kernels are measured again. */
export function adapterKey({ vendor, architecture, device, description }: GPUAdapterInfo): string {
  return [vendor, architecture, device, description].join('/');
}

/**
 * Chooses kernels by measuring them on a device, within a budget of time, for the most expensive nodes first. The
 * results are remembered for the adapter.
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
   * @param chosen kernels that were chosen before, possibly on another device. New choices are added to it.
   * @param free says how many bytes of the device's memory measuring may take
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

  /**
   * Chooses by the results known so far, for plans that cannot wait. Without a result the plan takes the first of the
   * list.
   */
  readonly choose: KernelChoice = (node, able) => this.#known(trialOf(node, able, this.#device.target));

  /** Resolves when `choose` knows the choices of the store. */
  loaded(): Promise<void> {
    return this.#memory.loaded;
  }

  /**
   * Builds a plan whose kernels were chosen by measuring: choices that are not known yet are measured first. If the
   * budget or the memory does not allow it, a node gets the first kernel of its list. Such choices are remembered too,
   * because a run that continues after the loss of its device must use the same kernels.
   * @param build makes the plan, with the kernels that `choose` names. It is called once or twice, so it must have no
   *   side effects.
   * @throws DeviceError if the device was lost
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
    this.#memory.queue = turn.catch(() => {}); // a failure of this measurement must not fail the next one
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
      // If less time is left than the last trial took, this one would probably not finish in time either.
      if (this.#left > last && trialBytes(trial) <= this.#free()) {
        const measurement = await this.#measure(trial);
        last = measurement.milliseconds;
        chosen = measurement.chosen;
        if (chosen !== undefined) measured[trial.key] = chosen;
      }
      this.#memory.choices.set(trial.key, chosen ?? trial.candidates[0]!.kernel);
    }
    if (Object.keys(measured).length > 0) {
      // Not awaited, because nothing depends on it: if the store fails, the choices are still in memory.
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
