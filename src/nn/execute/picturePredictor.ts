/** Runs a network on pictures that lie in a texture on the device: frames of a video go through it without a detour to the host. */
import { type UploadedPictures, wordsOfLine } from '../../data/uploadedPictures.ts';
import { graph } from '../../graph.ts';
import { pixelChannels } from '../../ops/index.ts';
import { plan } from '../../plan/plan.ts';
import { ReadbackRing } from '../../runtime/readback.ts';
import { Session } from '../../runtime/session.ts';
import { elements } from '../../tensor.ts';
import { inferenceIn, type Network } from '../network.ts';
import { rowsAtOnce } from '../step/microBatches.ts';
import type { Kept, KeptContext, Runners } from './runners.ts';

/** @param rows pictures at once */
function build(network: Network, rows: number) {
  const [height, width, channels] = network.inputShape as [number, number, 1 | 3 | 4];
  const g = graph();
  const pixels = g.input('pixels', [rows, height, wordsOfLine(width)], 'u32');
  const count = g.input('rows', [1], 'u32');
  const x = g.scope('x', () => pixelChannels(pixels, count, { width, channels }), { phase: 'data' });
  const prediction = network.apply(x, inferenceIn(g, count));
  return { graph: g, pixels, count, prediction };
}

/** A step on a fixed number of pictures. */
export class PicturePredictor implements Kept {
  /** Pictures that it was made for. It may take fewer at once. */
  readonly #asked: number;
  readonly #rows: number;
  readonly #session: Session;
  readonly #ring: ReadbackRing;
  readonly #parts: ReturnType<typeof build>;

  private constructor(asked: number, rows: number, session: Session, parts: ReturnType<typeof build>) {
    this.#asked = asked;
    this.#rows = rows;
    this.#session = session;
    this.#parts = parts;
    this.#ring = new ReadbackRing(session.device, 'picturePredictor', elements(parts.prediction.shape), 1);
  }

  /** The one that was made before for as many pictures, or a new one. @param asked pictures at once */
  static get(runners: Runners, asked: number): Promise<PicturePredictor> {
    const fits = (kept: PicturePredictor) => kept.#asked === asked;
    return runners.keep(PicturePredictor, fits, (context) => PicturePredictor.#create(runners, asked, context));
  }

  static async #create(runners: Runners, asked: number, context: KeptContext): Promise<PicturePredictor> {
    const { network, device, variables, arena, memoryBudget, planOptions } = context;
    const rows = rowsAtOnce(asked, (count) => {
      const { graph, prediction } = build(network, count);
      return memoryBudget.misfitBeside(plan(graph, [prediction], planOptions), 4 * elements(prediction.shape), count);
    });
    const parts = build(network, rows);
    const planned = await runners.tuned((choose) => plan(parts.graph, [parts.prediction], { ...planOptions, choose }));
    const session = await Session.create(device, planned, { variables, arena });
    try {
      return new PicturePredictor(asked, rows, session, parts);
    } catch (error) {
      session.destroy(); // the model was disposed in the meantime
      throw error;
    }
  }

  /** Bytes of the buffers that belong to it alone. */
  get bytes(): number {
    return this.#session.bytes + this.#ring.bytes;
  }

  /** @returns the outputs, one picture after another */
  async run(pictures: UploadedPictures): Promise<Float32Array> {
    const { pixels, count, prediction } = this.#parts;
    const session = this.#session;
    const n = pictures.shape[0];
    const length = elements(prediction.shape) / this.#rows;
    const data = new Float32Array(n * length);
    for (let start = 0; start < n; start += this.#rows) {
      const rows = Math.min(this.#rows, n - start);
      session.device.checkAlive();
      session.write(count, Uint32Array.of(rows));
      const encoder = session.device.gpu.createCommandEncoder();
      pictures.copy(encoder, start, rows, session.place(pixels));
      session.encode(encoder);
      this.#ring.copy(encoder, session.place(prediction), elements(prediction.shape), 0);
      session.device.gpu.queue.submit([encoder.finish()]);
      data.set((await this.#ring.collect()).subarray(0, rows * length), start * length);
    }
    return data;
  }

  destroy(): void {
    this.#ring.destroy();
    this.#session.destroy();
  }
}
