/** What page and worker say to each other. */

/** From the page: points to learn from the beginning, or the end of a training. */
export type Order =
  | {
      readonly type: 'train';
      readonly x: { readonly data: Float32Array; readonly shape: number[] };
      readonly y: Int32Array;
    }
  | { readonly type: 'stop' };

/** From the worker. */
export type News =
  | { readonly type: 'compiled'; readonly done: number; readonly all: number }
  /** `map`: the probability of class 1 at each of GRID x GRID places, from the top left. */
  | { readonly type: 'epoch'; readonly epoch: number; readonly accuracy: number; readonly map: Float32Array }
  | { readonly type: 'ended'; readonly stopped: boolean; readonly file: Uint8Array }
  | { readonly type: 'failed'; readonly message: string };

export const EPOCHS = 60;
export const GRID = 48;
