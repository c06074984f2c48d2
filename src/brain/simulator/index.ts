import { ArgumentError, shown } from '../../errors.ts';
import { checkOptions, type Kind } from '../../options.ts';
import { Random } from '../../random.ts';
import { type BrainSet, brainSize } from '../images.ts';
import { fakeImage, type Gan, gan } from './generator.ts';
import { roster } from './mice.ts';
import { realImage } from './recording.ts';
import { type Session, session } from './session.ts';

const pixels = brainSize * brainSize;
const imageStream = 104;

/** Segments that the simulator knows: 0 to 9, as the course's files. */
export const segmentCount = roster.length;

export interface SimulateOptions {
  /** Which of the segments 0 to 9, in the order wanted. */
  segments: readonly number[];
  /** Real images of each segment, and as many fakes. */
  imagesPerClass: number;
  /** An integer. Another seed is another history: other sessions, generators and images. */
  seed: number;
  /** Called after each 32 images, and at the end, with the images done and the total. */
  onProgress?: (done: number, total: number) => void;
  /** Stops the work (the asynchronous form only) with the signal's reason. */
  signal?: AbortSignal;
}

/**
 * Simulated wide-field calcium images of mouse cortex, and a GAN's fakes of them, in ten segments whose recording conditions drift.
 * Look and noise are calibrated on the course's 18 published pictures (`measured.ts`); the drift
 * between segments is assumed (`session.ts`, `generator.ts`).
 *
 * Rows: segment after segment as asked for; within a segment real, fake, real, fake, … (labels 0, 1, 0, 1, …). An image
 * depends on (seed, segment, class, index) alone and has the same bits in whatever request.
 * @returns x `[2 * imagesPerClass * segments.length, 128, 128, 1]`, each image scaled by its own minimum and maximum to 0..1
 * @throws ArgumentError for a segment, count or seed that is not as said above
 */
export function simulateBrain(options: SimulateOptions): BrainSet {
  const work = simulation(checkOptions('simulateBrain', options, OPTIONS));
  for (;;) {
    const step = work.next();
    if (step.done) return step.value;
  }
}

/**
 * The same images, bit for bit, without blocking the page: gives way to the event loop every 40 ms.
 * @throws as `simulateBrain`; the signal's reason when it aborts
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

/** What all images of a segment share. */
interface Segment {
  readonly sessions: readonly [Session, Session];
  readonly gan: Gan;
}

// About 3.5 MB a segment: the last ten are kept, for training and tests ask for the same ones again and again.
const kept = new Map<string, Segment>();

const OPTIONS = {
  segments: 'list',
  imagesPerClass: 'any',
  seed: 'any',
  onProgress: 'function',
  signal: 'signal',
} as const satisfies Record<keyof SimulateOptions, Kind>;

/** The work in pieces of a few milliseconds (a new segment's patterns: some 50). */
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
