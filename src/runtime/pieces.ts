/**
 * Measures how long dispatches take, and says into how many pieces each is split. A GPU does not interrupt a dispatch,
 * so a long one would freeze the page's drawing.
 */
import type { PlannedDispatch } from '../plan/types.ts';
import { elements } from '../tensor.ts';
import type { Device } from './device.ts';
import { pipelineKey } from './pipelines.ts';
import { GROWTH, Stopwatch, type Timed } from './stopwatch.ts';

/**
 * A dispatch that takes at least this long, in microseconds, is split: a page may go 100 ms without drawing, and times
 * vary.
 */
const LONG = 80_000;
/** Longest time of a piece, in microseconds. */
const MOST_TIME = 50_000;
/** When a share of a dispatch has taken this long, in microseconds, the time of the whole can be computed from it. */
const LONG_ENOUGH = 5000;
/** Number of workgroups in the first trial of a dispatch: enough to keep a device busy. */
const FEW_GROUPS = { software: 64, gpu: 1024 };
/** The slowest devices of each kind finish a dispatch with less work, as `work` counts it, within about 20 ms. */
const SURELY_SHORT = { software: 2 ** 21, gpu: 2 ** 24 };
/** Number of dispatches that are timed in one go: each runs twice, and a stopwatch times 64 runs. */
const AT_ONCE = 32;

/** Says into how many pieces a dispatch is split. */
export type PieceCount = (dispatch: PlannedDispatch) => number;

/** Measured microseconds of each dispatch, by `keyOf`, kept as long as the device exists. */
const known = new WeakMap<Device, Map<string, number>>();

const keyOf = (dispatch: PlannedDispatch) => `${pipelineKey(dispatch)}|${dispatch.workgroups}`;

/**
 * A rough count of a dispatch's multiply-adds, as if it were a contraction, or of its elements. It finds those that are
 * surely short.
 */
function work({ bindings }: PlannedDispatch): number {
  const sizes = (access: string) =>
    bindings.filter((binding) => binding.access === access).map(({ tensor }) => elements(tensor.shape));
  const [a = 1, b = 1] = sizes('read').sort((p, q) => q - p);
  const y = Math.max(1, ...sizes('read_write'));
  return Math.max(a, b, y, Math.sqrt(a * b * y));
}

/** Whether a share of the dispatch may be run as a trial: it must not change anything that is kept from step to step. */
function isTrialFree({ bindings }: PlannedDispatch): boolean {
  return bindings.every(({ access, storage }) => access === 'read' || storage.kind === 'slot');
}

interface Probe extends Timed {
  readonly key: string;
  share: number;
}

/**
 * Times a share, some milliseconds long, of each dispatch that may be long and was not timed yet. The results of such a
 * trial are thrown away: only dispatches that write nothing but values of one step are tried.
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
      key,
      repeats: 1,
      share: Math.min(1, FEW_GROUPS[kind] / (x * y * z)),
      session: { record: (pass) => launch(pass, i, probe.share) },
    };
    probes.set(key, probe);
  });
  if (probes.size > 0) await time(stopwatch(), [...probes.values()], times);
  return (dispatch) => {
    // Updates and sums over micro-batches cannot be tried. They read each element once, so their number gives the time.
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
        // Each runs twice and the second time counts: at the first run, a driver may still compile, and memory is fresh.
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
