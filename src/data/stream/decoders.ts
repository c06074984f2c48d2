/** Decodes pictures in a few workers, or in the page's thread where a worker cannot start. */
import { StateError } from '../../errors.ts';
import { areaOf, centeredArea, type Size } from '../crop.ts';
import { type Drawable, drawnPixels, type Pixels, pictureSize, withBitmap } from '../pictures.ts';
import { type Answer, answerQuestions, type Question } from './decodeWorker.ts';

type Wanted = Pick<Question, 'size' | 'crop'>;

/** The decoders of one pass over pictures. */
export class Decoders {
  readonly #wanted: Wanted;
  readonly #most: number;
  #workers: DecodeWorker[] = [];
  #isClosed = false;
  /** Whether a worker did not start or broke down: the page's security policy may forbid it. */
  #isPageAlone = typeof Worker === 'undefined';

  /** @param workers most workers; 0: the page decodes */
  constructor(wanted: Wanted, workers: number) {
    this.#wanted = wanted;
    this.#most = workers;
  }

  /**
   * The pixels of a picture, cropped and scaled.
   * @param what name of the picture, for errors
   * @throws DataError, ShapeError for what is no picture or too small, StateError after `close`
   */
  async decode(what: string, picture: Blob): Promise<Pixels> {
    const pixels = await this.#worker()?.ask(picture, this.#wanted);
    if (this.#isClosed) throw new StateError(`${what}: it is needed no more.`);
    // What a worker could not do is done here, which says why it cannot be done.
    return pixels ?? decodeHere(what, picture, this.#wanted);
  }

  /** Ends the workers. What they are doing comes to nothing. */
  close(): void {
    this.#isClosed = true;
    this.#endWorkers();
  }

  #endWorkers(): void {
    this.#isPageAlone = true;
    for (const worker of this.#workers) worker.end();
    this.#workers = [];
  }

  /** The worker with the least to do; undefined if there is none. */
  #worker(): DecodeWorker | undefined {
    const broken = this.#workers.some(({ isBroken }) => isBroken);
    if (broken) this.#endWorkers();
    const free = this.#workers.find(({ asked }) => asked === 0);
    if (free || this.#isPageAlone) return free;
    if (this.#workers.length < this.#most) {
      try {
        this.#workers.push(new DecodeWorker());
        return this.#workers.at(-1);
      } catch {
        this.#endWorkers(); // a security policy may make the constructor throw
      }
    }
    return this.#workers.reduce<DecodeWorker | undefined>(
      (least, worker) => (least && least.asked <= worker.asked ? least : worker),
      undefined,
    );
  }
}

class DecodeWorker {
  isBroken = false;
  readonly #worker: Worker;
  readonly #url: string;
  readonly #open = new Map<number, (pixels: ImageData | undefined) => void>();
  #questions = 0;

  constructor() {
    const code = `(${answerQuestions})(${centeredArea})`;
    this.#url = URL.createObjectURL(new Blob([code], { type: 'text/javascript' }));
    try {
      this.#worker = new Worker(this.#url, { name: 'neurite: pictures' });
    } catch (error) {
      URL.revokeObjectURL(this.#url);
      throw error;
    }
    const fails = (event: Event) => {
      event.preventDefault(); // the page decodes instead, so this is no error of the page
      this.isBroken = true;
      this.end();
    };
    this.#worker.addEventListener('error', fails);
    this.#worker.addEventListener('messageerror', fails);
    this.#worker.addEventListener('message', ({ data: { id, pixels } }: MessageEvent<Answer>) => {
      this.#open.get(id)?.(pixels);
      this.#open.delete(id);
    });
  }

  /** Pictures that it was asked for and has not answered. */
  get asked(): number {
    return this.#open.size;
  }

  /** The pixels of a picture; undefined if there are none, or the worker ends. */
  ask(picture: Blob, wanted: Wanted): Promise<Pixels | undefined> {
    return new Promise((resolve) => {
      const id = this.#questions++;
      this.#open.set(id, resolve);
      this.#worker.postMessage({ ...wanted, id, picture } satisfies Question);
    });
  }

  end(): void {
    this.#worker.terminate();
    URL.revokeObjectURL(this.#url);
    for (const resolve of this.#open.values()) resolve(undefined);
    this.#open.clear();
  }
}

function decodeHere(what: string, picture: Blob, { size, crop }: Wanted): Promise<Pixels> {
  return withBitmap(what, picture, (bitmap) => {
    const area = areaOf(what, pictureSize(what, bitmap), crop, size);
    const [height, width]: Size = size ?? [area.height, area.width];
    return { data: drawnPixels(what, bitmap as Drawable, area, [height, width]), height, width };
  });
}
