/** Brings a drawing into the form of the pictures that the network learns. */

/** The side of a picture, and of the square that its digit fills: http://yann.lecun.com/exdb/mnist. In pixels. */
const [SIDE, FILLED] = [28, 20];

/** @returns a canvas with the drawing's ink scaled to the size of a learned digit, its centre of mass in the middle */
export function centred(drawing: HTMLCanvasElement): HTMLCanvasElement {
  const { width, height } = drawing;
  const { data } = drawing.getContext('2d')!.getImageData(0, 0, width, height);
  let [left, top, right, bottom] = [width, height, 0, 0];
  let [ink, sumX, sumY] = [0, 0, 0];
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const value = data[4 * (y * width + x)]!;
      if (value === 0) continue;
      [left, top, right, bottom] = [
        Math.min(left, x),
        Math.min(top, y),
        Math.max(right, x + 1),
        Math.max(bottom, y + 1),
      ];
      ink += value;
      sumX += value * (x + 0.5);
      sumY += value * (y + 0.5);
    }
  }
  const picture = document.createElement('canvas');
  picture.width = picture.height = SIDE;
  const pen = picture.getContext('2d')!;
  pen.fillRect(0, 0, SIDE, SIDE);
  if (ink === 0) return picture;
  const scale = FILLED / Math.max(right - left, bottom - top);
  pen.imageSmoothingQuality = 'high';
  const [x, y] = [SIDE / 2 - (sumX / ink) * scale, SIDE / 2 - (sumY / ink) * scale];
  pen.drawImage(drawing, x, y, width * scale, height * scale);
  return picture;
}
