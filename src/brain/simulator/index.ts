/**
 * The simulator's public functions: they check the request, and produce images segment by segment, at once or without
 * blocking.
 */
import { ArgumentError } from '../../errors.ts';
import { checkOptions, type Kind } from '../../options.ts';
import { Random } from '../../random.ts';
import { shown } from '../../shown.ts';
import { type BrainSet, brainSize } from '../images.ts';
import { fakeImage, type Gan, gan } from './generator.ts';
import { roster } from './mice.ts';
import { realImage } from './recording.ts';
import { type Session, session } from './session.ts';

const pixels = brainSize * brainSize;
const imageStream = 104;

/** Number of segments: 0 to 9, as in the course's files. */
export const segmentCount = roster.length;

export interface SimulateOptions {
  /** The segments to simulate, each 0 to 9, in the order of the result. */
  segments: readonly number[];
  /** Number of real images of each segment, and of fake ones. */
  imagesPerClass: number;
  /** An integer. Another seed gives other recording sessions, generators and images. */
  seed: number;
  /** Called after every 32 images, and at the end, with the number of images done and the total. */
  onProgress?: (done: number, total: number) => void;
  /** Stops the asynchronous form, which throws the signal's reason. */
  signal?: AbortSignal;
}

/**
 * Simulates wide-field calcium images of mouse cortex, and a GAN's fakes of them, in ten segments whose recording
 * conditions drift. The look and the noise are calibrated on the 18 pictures that the course published (`measured.ts`).
 * The drift between segments is assumed (`session.ts`, `generator.ts`).
 *
 * The rows are in the order of `segments`. In a segment, real and fake images alternate (labels 0, 1, 0, 1, …). An
 * image depends only on (seed, segment, class, index), so it has the same bits in every request.
 * @returns x `[2 * imagesPerClass * segments.length, 128, 128, 1]`, each image scaled by its own minimum and maximum to
 *   0..1
 * @throws ArgumentError for a segment, a count or a seed with another value than described
 */
export function simulateBrain(options: SimulateOptions): BrainSet {
  const work = simulation(checkOptions('simulateBrain', options, OPTIONS));
  for (;;) {
    const step = work.next();
    if (step.done) return step.value;
  }
}

/**
 * The same images, bit for bit, without blocking the page: it yields to the event loop every 40 ms.
 * @throws the errors of `simulateBrain`, and the signal's reason when it aborts
 */
export async function simulateBrainAsync(options: SimulateOptions): Promise<BrainSet> {
  const work = simulation(checkOptions('simulateBrain', options, OPTIONS));
  let since = performance.now();
  for (;;) {
    options.signal?.throwIfAborted();
    const step = work.next();
    if (step.done) return step.value;
    if (performance.now() - since > 40) {
      await new Promise<void>((resolve) => setTimeout(resolve, 0));
      since = performance.now();
    }
  }
}

/** The part of the simulation that all images of a segment share. */
interface Segment {
  readonly sessions: readonly [Session, Session];
  readonly gan: Gan;
}

// A cache of the last ten segments, about 3.5 MB each, because training and tests request the same ones repeatedly.
const kept = new Map<string, Segment>();

const OPTIONS = {
  segments: 'list',
  imagesPerClass: 'any',
  seed: 'any',
  onProgress: 'function',
  signal: 'signal',
} as const satisfies Record<keyof SimulateOptions, Kind>;

/** The work, in pieces of a few milliseconds each. Only the patterns of a new segment take longer, about 50 ms. */
function* simulation(options: SimulateOptions): Generator<void, BrainSet, void> {
  const { segments, imagesPerClass, seed } = options;
  for (const s of segments) {
    if (!Number.isInteger(s) || s < 0 || s >= segmentCount)
      throw new ArgumentError(`simulateBrain: segment ${shown(s)} is none of 0 to ${segmentCount - 1}`);
  }
  if (!Number.isInteger(imagesPerClass) || imagesPerClass < 1)
    throw new ArgumentError(
      `simulateBrain: imagesPerClass is ${shown(imagesPerClass)}; a whole number above 0 is needed`,
    );
  if (!Number.isSafeInteger(seed))
    throw new ArgumentError(`simulateBrain: seed is ${shown(seed)}; an integer is needed`);

  const total = segments.length * imagesPerClass * 2;
  const data = new Float32Array(total * pixels);
  const y = new Int32Array(total);
  const segment = new Int32Array(total);
  let done = 0;
  for (const s of segments) {
    const shared = yield* segmentOf(seed, s);
    for (let i = 0; i < imagesPerClass; i++) {
      for (const label of [0, 1]) {
        simulateImage(
          shared,
          new Random(seed, imageStream, s, label, i),
          label,
          data.subarray(done * pixels, (done + 1) * pixels),
        );
        y[done] = label;
        segment[done] = s;
        done++;
        if (done % 32 === 0 || done === total) options.onProgress?.(done, total);
        yield;
      }
    }
  }
  return { x: { data, shape: [total, brainSize, brainSize, 1] }, y, segment, source: 'simulated' };
}

function* segmentOf(seed: number, index: number): Generator<void, Segment, void> {
  const key = `${seed}:${index}`;
  let made = kept.get(key);
  if (!made) {
    const [one, two] = roster[index]!;
    const first = session(seed, index, one);
    yield;
    const second = session(seed, index, two);
    yield;
    made = { sessions: [first, second], gan: gan(seed, index, [first, second]) };
    const oldest = kept.keys().next();
    if (kept.size >= segmentCount && !oldest.done) kept.delete(oldest.value);
    kept.set(key, made);
  }
  return made;
}

function simulateImage(shared: Segment, random: Random, label: number, out: Float32Array): void {
  const [first, second] = shared.sessions;
  const share = label ? 'shareFake' : 'shareReal';
  const kind = random.uniform(0, first.mouse[share] + second.mouse[share]) < first.mouse[share] ? 0 : 1;
  if (label) fakeImage(random, shared.gan, shared.sessions[kind], kind, out);
  else realImage(random, shared.sessions[kind], out);
}
