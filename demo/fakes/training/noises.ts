/** The noise that the page paints from. */
import { NOISE, Noise } from '../noise.ts';

/** Pictures of fixed noise that are shown. */
export const SHOWN = 16;

/** As in the tool that trained the stored generator: what its first pictures were painted from, behind the noise that it compared. */
const SEED = 1_000_000;
const BEFORE = 256;

/** The same numbers each time, those of the stored fakes. @returns `[16, NOISE]` */
export const shownNoise = (): Float32Array => new Noise(SEED).forPictures(BEFORE + SHOWN).slice(BEFORE * NOISE);
