/** Small pictures side by side, each with a name: kernels and feature maps. */
import { type Palette, paint, type Range } from './colormap.ts';
import { create } from './dom.ts';
import { paintSoon, stopPainting } from './painter.ts';

/** One picture of a tile: a channel of `[height, width, channels]`. */
interface Picture {
  readonly values: ArrayLike<number>;
  readonly width: number;
  readonly height: number;
  readonly channels: number;
  readonly channel: number;
}

export interface Tile {
  /** What a screen reader says. */
  readonly label: string;
  readonly pictures: readonly Picture[];
  readonly colors: Palette;
  readonly range: Range;
}

/** Pictures in one row of a tile. */
const IN_A_ROW = 4;

/** A list of tiles. An update paints the canvases that are there again, so that nothing moves or blinks. */
export class TileGrid {
  readonly element = create('ul', { class: 'tiles' });

  /** @param width the least width of a tile, in CSS */
  update(tiles: readonly Tile[], width: string): void {
    const { children, style } = this.element;
    style.setProperty('--tile', width);
    while (children.length > tiles.length) this.#remove(this.element.lastElementChild!);
    while (children.length < tiles.length) {
      this.element.append(create('li', {}, create('div', { class: 'tile', role: 'img' })));
    }
    for (const [place, tile] of tiles.entries()) this.#fill(children[place]!.firstElementChild as HTMLElement, tile);
  }

  clear(): void {
    for (const item of [...this.element.children]) this.#remove(item);
  }

  #fill(element: HTMLElement, { label, pictures, colors, range }: Tile): void {
    element.setAttribute('aria-label', label);
    element.style.gridTemplateColumns = `repeat(${Math.min(pictures.length, IN_A_ROW)}, 1fr)`;
    while (element.children.length > pictures.length) this.#remove(element.lastElementChild!);
    while (element.children.length < pictures.length) element.append(create('canvas'));
    for (const [i, picture] of pictures.entries()) {
      const canvas = element.children[i] as HTMLCanvasElement;
      // At once, as its size decides that of the tile.
      if (canvas.width !== picture.width) canvas.width = picture.width;
      if (canvas.height !== picture.height) canvas.height = picture.height;
      paintSoon(canvas, () => paint(canvas, picture.values, picture, colors, range));
    }
  }

  #remove(element: Element): void {
    for (const canvas of [element, ...element.querySelectorAll('canvas')]) stopPainting(canvas as HTMLCanvasElement);
    element.remove();
  }
}
