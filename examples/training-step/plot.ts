/** Draws points, and a line for each quantile, in the square from -1 to 1. */

/** @param predicted `[points, 3]`: the quantiles at each x */
export function plot(canvas: HTMLCanvasElement, x: Float32Array, y: Float32Array, predicted: ArrayLike<number>): void {
  const pen = canvas.getContext('2d')!;
  const place = (atX: number, atY: number) =>
    [((atX + 1) / 2) * canvas.width, ((1.2 - atY) / 2.4) * canvas.height] as const;
  pen.clearRect(0, 0, canvas.width, canvas.height);
  const order = [...x.keys()].sort((i, k) => x[i]! - x[k]!);
  const quantiles = predicted.length / x.length;
  const line = (quantile: number, from: readonly number[]) => {
    for (const i of from) pen.lineTo(...place(x[i]!, predicted[quantiles * i + quantile]!));
  };
  pen.beginPath(); // the band between the outer lines
  line(0, order);
  line(quantiles - 1, order.toReversed());
  pen.fillStyle = '#1d6a8f22';
  pen.fill();
  for (let quantile = 0; quantile < quantiles; quantile++) {
    pen.beginPath();
    line(quantile, order);
    pen.strokeStyle = '#1d6a8f';
    pen.lineWidth = 4;
    pen.stroke();
  }
  pen.fillStyle = '#b3490b';
  for (let i = 0; i < x.length; i++) {
    pen.beginPath();
    pen.arc(...place(x[i]!, y[i]!), 4, 0, 7);
    pen.fill();
  }
}
