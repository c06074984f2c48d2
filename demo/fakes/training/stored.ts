/** What `npm run gan -- --store` has stored. The page fetches it and not the worker: a server may forbid that to scripts' workers. */
import { PIXELS, SIDE } from '../pictures.ts';
import type { StoredPictures } from './protocol.ts';

/** Rows and columns of each block, and pixels between two pictures. */
const [ACROSS, GAP] = [8, 2];
/** The recordings begin behind one column. */
const SECOND = ACROSS + 1;

async function fetched(url: URL): Promise<Response> {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`The run from before could not be loaded: ${response.status} for ${url}.`);
  return response;
}

/** Weights of the generator that was trained before, as safetensors. */
export async function storedGenerator(): Promise<Uint8Array> {
  const response = await fetched(new URL('../generator.safetensors', import.meta.url));
  return new Uint8Array(await response.arrayBuffer());
}

/** Its fakes, beside recordings: 64 of each, in one picture. */
export async function storedPictures(): Promise<StoredPictures> {
  const response = await fetched(new URL('../beside.png', import.meta.url));
  const bitmap = await createImageBitmap(await response.blob());
  const { width, height } = bitmap;
  const context = new OffscreenCanvas(width, height).getContext('2d')!;
  context.drawImage(bitmap, 0, 0);
  bitmap.close();
  const { data } = context.getImageData(0, 0, width, height);
  const block = (first: number) => {
    const pictures = new Float32Array(ACROSS ** 2 * PIXELS);
    for (let i = 0; i < pictures.length; i++) {
      const [picture, pixel] = [Math.floor(i / PIXELS), i % PIXELS];
      const row = GAP + Math.floor(picture / ACROSS) * (SIDE + GAP) + Math.floor(pixel / SIDE);
      const column = GAP + (first + (picture % ACROSS)) * (SIDE + GAP) + (pixel % SIDE);
      pictures[i] = data[4 * (row * width + column)]! / 127.5 - 1;
    }
    return pictures;
  };
  return { fakes: block(0), recordings: block(SECOND) };
}
