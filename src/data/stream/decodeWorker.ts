/** What a worker does that decodes pictures. */
import type { CropOptions, centeredArea, Size } from '../crop.ts';

/** What a worker is asked. */
export interface Question {
  readonly id: number;
  readonly picture: Blob;
  readonly size: Size | undefined;
  readonly crop: CropOptions['crop'];
}

/** Its answer: the pixels, or none if the picture cannot be decoded or the crop is not in it. */
export interface Answer {
  readonly id: number;
  readonly pixels?: ImageData;
}

/**
 * Answers questions. The text of this function is the worker's code, whatever bundles the engine, so it refers to nothing outside itself,
 * and it has no syntax that a bundler would rewrite with helpers of its own.
 */
export function answerQuestions(centered: typeof centeredArea): void {
  const canvas = new OffscreenCanvas(1, 1);
  // Read again and again, pixels are faster off a canvas in the memory of the CPU.
  const pen = canvas.getContext('2d', { willReadFrequently: true }) as OffscreenCanvasRenderingContext2D;
  self.onmessage = (event: MessageEvent<Question>) => {
    const { id, picture, size, crop } = event.data;
    const answer = (bitmap: ImageBitmap) => {
      const { width: w, height: h } = bitmap;
      let area = { x: 0, y: 0, width: w, height: h };
      if (crop === 'center') area = centered(h, w, size || [1, 1]);
      else if (crop) area = crop;
      if (area.x + area.width > w || area.y + area.height > h) throw new Error('outside');
      const [height, width] = size || [area.height, area.width];
      canvas.width = width; // which clears it, too
      canvas.height = height;
      pen.imageSmoothingQuality = 'high';
      pen.drawImage(bitmap, area.x, area.y, area.width, area.height, 0, 0, width, height);
      bitmap.close();
      const pixels = pen.getImageData(0, 0, width, height);
      self.postMessage({ id, pixels }, { transfer: [pixels.data.buffer] });
    };
    createImageBitmap(picture)
      .then(answer)
      .catch(() => self.postMessage({ id }));
  };
}
