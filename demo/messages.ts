/** What the page and its worker tell each other. */

export type Command = { type: 'start'; preset: string; epochs: number } | { type: 'stop' };

/** A point of the curves. @property x in epochs: 1.5 is the middle of the second one */
export interface Point {
  x: number;
  loss: number;
  accuracy: number;
}

export type Message =
  /** There is a device: training can start. */
  | { type: 'ready'; adapter: string; software: boolean; presets: string[]; data: string }
  /** A model was made. */
  | { type: 'model'; summary: string }
  /** A part of the work that may take a while. */
  | { type: 'progress'; what: string; done: number; total: number }
  | { type: 'batches'; points: Point[] }
  | { type: 'validation'; point: Point }
  | { type: 'tested'; accuracy: number; loss: number; images: number }
  /** The run is over: nothing was thrown, the user stopped it, or it failed. */
  | { type: 'end'; outcome: 'done' | 'stopped' }
  | { type: 'end'; outcome: 'failed'; problem: string };
