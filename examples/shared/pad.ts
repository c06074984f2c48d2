/** A canvas to draw on, white on black, with a mouse, a pen or a finger. */

/** @param lineWidth in pixels of the canvas @param drawn called after each stroke's piece @returns clears the canvas */
export function drawingPad(canvas: HTMLCanvasElement, lineWidth: number, drawn: () => void): () => void {
  const pen = canvas.getContext('2d', { willReadFrequently: true })!;
  Object.assign(pen, { strokeStyle: 'white', lineWidth, lineCap: 'round', lineJoin: 'round' });
  canvas.onpointerdown = ({ pointerId }) => {
    canvas.setPointerCapture(pointerId);
    pen.beginPath();
  };
  canvas.onpointermove = ({ buttons, offsetX, offsetY }) => {
    if (!buttons) return;
    pen.lineTo((offsetX / canvas.clientWidth) * canvas.width, (offsetY / canvas.clientHeight) * canvas.height);
    pen.stroke();
    drawn();
  };
  const clear = () => {
    pen.fillRect(0, 0, canvas.width, canvas.height); // in black
    drawn();
  };
  pen.fillRect(0, 0, canvas.width, canvas.height);
  return clear;
}
