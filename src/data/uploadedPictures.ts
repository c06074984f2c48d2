/** Pictures that the browser has on the GPU, such as frames of a video, in a texture of the engine's device: the host never sees them. */
import { kindOf } from '../shown.ts';
import type { Shape } from '../tensor.ts';
import { CHANNELS, type Drawable, type Picture, pictureSize, picturesIn } from './pictures.ts';

/** Those that browsers mostly have on the GPU. An `<img>` may be turned or without a size of its own: a canvas draws it. */
const ON_GPU = /^(ImageBitmap|OffscreenCanvas|VideoFrame|HTML(Canvas|Video)Element)$/;

/** Lines of a texture are copied to multiples of so many bytes. */
const LINE_BYTES = 256;
/** `rgba8unorm`. */
const PIXEL_BYTES = 4;

/** Most bytes of a texture: more pictures are read on the host, a batch at a time. */
const MOST_BYTES = 2 ** 26;

/** Words of a line of pixels in a buffer. */
export const wordsOfLine = (width: number) =>
  (Math.ceil((width * PIXEL_BYTES) / LINE_BYTES) * LINE_BYTES) / PIXEL_BYTES;

/** Pictures of one size, as they were when this was made. */
export class UploadedPictures {
  readonly gpu: GPUDevice;
  /** What the pictures came from, which may show something else meanwhile. */
  readonly sources: readonly Picture[];
  /** `[n, height, width, channels]` */
  readonly shape: readonly [number, number, number, number];
  readonly #texture: GPUTexture;

  private constructor(gpu: GPUDevice, sources: readonly Drawable[], shape: UploadedPictures['shape']) {
    const [count, height, width] = shape;
    this.gpu = gpu;
    this.sources = sources;
    this.shape = shape;
    this.#texture = gpu.createTexture({
      label: 'pictures',
      size: [width, height, count],
      format: 'rgba8unorm',
      usage: GPUTextureUsage.COPY_SRC | GPUTextureUsage.COPY_DST | GPUTextureUsage.RENDER_ATTACHMENT,
    });
    try {
      sources.forEach((source, z) => {
        // Colors as they are stored, in sRGB, as a canvas gives them.
        gpu.queue.copyExternalImageToTexture({ source }, { texture: this.#texture, origin: [0, 0, z] }, [
          width,
          height,
        ]);
      });
    } catch (error) {
      this.destroy();
      throw error;
    }
  }

  /**
   * Copies pictures to the GPU, at once.
   * @param gpu no software adapter: there nothing is on a GPU, the copy takes longer than reading the pixels, and that of a video's frame ends
   *   the GPU process of Chrome 147
   * @param inputShape shape of one example of the model
   * @returns undefined where the pictures are to be read on the host: since they are of other kinds, do not fit, or the browser
   *   refuses. A message about what is wrong comes from there
   */
  static of(gpu: GPUDevice, x: unknown, inputShape: Shape): UploadedPictures | undefined {
    const pictures = picturesIn(x);
    const [height, width, channels] = inputShape as [number, number, number];
    const { maxTextureDimension2D, maxTextureArrayLayers } = gpu.limits;
    if (!pictures || inputShape.length !== 3 || !CHANNELS.includes(channels)) return undefined;
    if (pictures.length > maxTextureArrayLayers || Math.max(height, width) > maxTextureDimension2D) return undefined;
    if (PIXEL_BYTES * pictures.length * height * width > MOST_BYTES) return undefined;
    try {
      for (const picture of pictures) {
        const [h, w] = pictureSize('x', picture);
        if (!ON_GPU.test(kindOf(picture)) || h !== height || w !== width) return undefined;
      }
      return new UploadedPictures(gpu, pictures as readonly Drawable[], [pictures.length, height, width, channels]);
    } catch {
      return undefined;
    }
  }

  /** Records the copy of some pictures into a buffer, each line behind the other with `wordsOfLine` words. */
  copy(encoder: GPUCommandEncoder, start: number, count: number, to: { buffer: GPUBuffer; offset: number }): void {
    const [, height, width] = this.shape;
    encoder.copyTextureToBuffer(
      { texture: this.#texture, origin: [0, 0, start] },
      { ...to, bytesPerRow: PIXEL_BYTES * wordsOfLine(width), rowsPerImage: height },
      [width, height, count],
    );
  }

  destroy(): void {
    this.#texture.destroy();
  }
}
