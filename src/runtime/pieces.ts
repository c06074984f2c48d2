/** How long dispatches take, and into how many pieces those are split that would hold the GPU for too long. */
import type { PlannedDispatch } from '../plan/plan.ts';
import { elements } from '../tensor.ts';
import type { Device } from './device.ts';
import { pipelineKey } from './pipelines.ts';
import { GROWTH, Stopwatch, type Timed } from './stopwatch.ts';

/** Microseconds from which a dispatch is split: a page's drawing can wait for 100 ms, and times vary. */
const LONG = 80_000;
/** Microseconds that a piece may take. */
const MOST_TIME = 50_000;
/** Microseconds after which a part of a dispatch tells how long all of it takes. */
const LONG_ENOUGH = 5000;
/** Workgroups that keep a device busy, to begin with. */
const FEW_GROUPS = { software: 64, gpu: 1024 };
/** Dispatches of less work, as `work` counts it, are done in some 20 ms by the slowest devices of a kind. */
const SURELY_SHORT = { software: 2 ** 21, gpu: 2 ** 24 };
/** A stopwatch times so many at once, each of them twice. */
const AT_ONCE = 32;

/** Says into how many pieces a dispatch is to be split. */
export type PieceCount = (dispatch: PlannedDispatch) => number;

/** Microseconds by what is launched, for each device as long as it lives. */
const known = new WeakMap<Device, Map<string, number>>();

const keyOf = (dispatch: PlannedDispatch) => `${pipelineKey(dispatch)}|${dispatch.workgroups}`;

/** Roughly, the multiply-adds of a dispatch, as those of a contraction, or its elements: it tells those that are surely short. */
function work({ bindings }: PlannedDispatch): number {
  const sizes = (access: string) =>
    bindings.filter((binding) => binding.access === access).map(({ tensor }) => elements(tensor.shape));
  const [a = 1, b = 1] = sizes('read').sort((p, q) => q - p);
  const y = Math.max(1, ...sizes('read_write'));
  return Math.max(a, b, y, Math.sqrt(a * b * y));
}

/** Whether a part of the dispatch may be run ahead of time: it must change nothing that outlives a step. */
function isTrialFree({ bindings }: PlannedDispatch): boolean {
  return bindings.every(({ access, storage }) => access === 'read' || storage.kind === 'slot');
}

interface Probe extends Timed {
  readonly key: string;
  share: number;
}

/**
 * Times parts of those dispatches that may be long and are not known yet, some milliseconds of each. What plans compute in such a trial is
 * of no account, and they have no value that outlives a step.
 * @param launch records a share of a dispatch's workgroups
 */
export async function measuredPieces(
  device: Device,
  dispatches: readonly PlannedDispatch[],
  launch: (pass: GPUComputePassEncoder, index: number, share: number) => void,
  stopwatch: () => Pick<Stopwatch, 'least' | 'time' | 'destroy'> = () => new Stopwatch(device),
): Promise<PieceCount> {
  const times = known.get(device) ?? new Map<string, number>();
  known.set(device, times);
  const kind = device.isSoftware ? 'software' : 'gpu';
  const probes = new Map<string, Probe>();
  dispatches.forEach((dispatch, i) => {
    const groups = Math.max(...dispatch.workgroups);
    if (groups < 2 || work(dispatch) < SURELY_SHORT[kind] || !isTrialFree(dispatch)) return;
    const key = keyOf(dispatch);
    if (times.has(key)) return;
    const [x, y, z] = dispatch.workgroups;
    const probe: Probe = {
      ...{ key, repeats: 1, share: Math.min(1, FEW_GROUPS[kind] / (x * y * z)) },
      session: { record: (pass) => launch(pass, i, probe.share) },
    };
    probes.set(key, probe);
  });
  if (probes.size > 0) await time(stopwatch(), [...probes.values()], times);
  return (dispatch) => {
    // What cannot be tried, updates and sums over micro-batches, goes through its elements once: their number tells.
    if (!isTrialFree(dispatch)) {
      const most = Math.max(...dispatch.bindings.map(({ tensor }) => elements(tensor.shape)));
      return Math.ceil(most / (2 * SURELY_SHORT[kind]));
    }
    const time = times.get(keyOf(dispatch)) ?? 0;
    return time < LONG ? 1 : Math.ceil(time / MOST_TIME);
  };
}

async function time(
  watch: Pick<Stopwatch, 'least' | 'time' | 'destroy'>,
  probes: readonly Probe[],
  times: Map<string, number>,
): Promise<void> {
  const enough = Math.max(LONG_ENOUGH, watch.least);
  try {
    for (let first = 0; first < probes.length; first += AT_ONCE) {
      let live = probes.slice(first, first + AT_ONCE);
      while (live.length > 0) {
        // Twice: the first time a kernel runs, it may still be compiled, and touches fresh memory.
        const measured = (await watch.time([...live, ...live], 1)).slice(live.length);
        live = live.filter((probe, i) => {
          const elapsed = measured[i]!;
          times.set(probe.key, elapsed / probe.share);
          const done = probe.share === 1 || elapsed >= enough;
          probe.share = Math.min(1, probe.share * Math.min(GROWTH, Math.max(2, (2 * enough) / Math.max(1, elapsed))));
          return !done;
        });
      }
    }
  } finally {
    watch.destroy();
  }
}
