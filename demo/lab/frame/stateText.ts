/** What the bar says of the page: what it does, or what it waits for. */
import { formatCount, formatSeconds } from '../../format.ts';
import type { Machine, RunState } from '../protocol/index.ts';

type State = 'idle' | RunState | 'stopping';
/** Where the run under way is, or the last one. */
type Place =
  | {
      epoch: number;
      epochs: number;
      step: number;
      stepsPerEpoch: number;
      secondsLeft?: number;
      imagesPerSecond?: number;
    }
  | undefined;

const NAMES: Record<Exclude<State, 'idle'>, string> = {
  preparing: 'preparing',
  training: 'training',
  paused: 'paused',
  validating: 'validating',
  recovering: 'the GPU was lost: recovering',
  stopping: 'stopping after this step',
};

export const nameOf = (state: Exclude<State, 'idle'>, now: Place) =>
  state === 'stopping' && !now ? 'stopping' : NAMES[state];

function speedOf({ secondsLeft = Number.NaN, imagesPerSecond = Number.NaN }: NonNullable<Place>): string[] {
  if (!Number.isFinite(secondsLeft)) return [];
  return [`${formatSeconds(secondsLeft)} left`, `${formatCount(imagesPerSecond)} images/s`];
}

export function stateText(of: {
  state: State;
  now: Place;
  /** Work under way that reports its progress. */
  work: string | undefined;
  /** Images are being made or read. */
  loading: boolean;
  /** The run will pause, or does. */
  paused: boolean;
  testing: boolean;
  machine: Machine['state'];
  obstacle: string | undefined;
}): string {
  const { state, now, work, loading, paused, testing, machine, obstacle } = of;
  const images = loading ? 'preparing images' : undefined;
  if (state === 'idle') {
    if (obstacle) return obstacle;
    if (machine === 'missing') return 'training needs WebGPU';
    if (machine === 'asking') return 'asking for a GPU';
    return work ?? images ?? (testing ? 'testing' : 'ready');
  }
  const then = paused && state !== 'paused' ? ', then a pause' : '';
  if (state === 'preparing') return (work ?? images ?? 'planning the network') + then;
  const name = nameOf(state, now) + then;
  if (!now) return name;
  const place = `${name}: epoch ${now.epoch + 1} of ${now.epochs}, step ${now.step} of ${now.stepsPerEpoch}`;
  return [place, ...(state === 'stopping' ? [] : speedOf(now))].join(' · ');
}
