/**
 * The network for a page without WebGPU: trained before, by `npx tsx tools/landing.ts`, and computed by hand. Its curve and its
 * test are those of that training.
 */
import { forward, type Weight } from './byHand.ts';
import type { Progress } from './curve.tsx';
import type { Look } from './protocol.ts';
import stored from './stored.json';
import { STEPS } from './training.ts';

const weights: readonly Weight[] = stored.weights;

export const storedProgress = (): Progress => stored.progress;

/** Probability of fake. */
export const judgeByHand = (pixels: Float32Array): number => forward(weights, pixels).fake;

export function lookByHand(pixels: Float32Array): Look {
  const { maps, fake } = forward(weights, pixels);
  const shown = maps.map(({ data, shape }) => ({ data: Float32Array.from(data), shape }));
  return { step: STEPS, pixels, maps: shown, fake, weights };
}
