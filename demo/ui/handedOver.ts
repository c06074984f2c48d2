/** How one page gives pictures to the lab: files in a store of the browser, and a link that says that they are there. */

/** Where in IndexedDB, by idb-keyval: a `HandedOver`. */
export const HANDED_OVER_KEY = 'handed-over';

/** Hash of the lab's address. */
export const HANDED_OVER = '#handed-over';

export interface HandedOver {
  /** As if a visitor had dropped them: the path says class and segment. */
  readonly files: { path: string; file: File }[];
  /** What they are, for the visitor. */
  readonly note: string;
}
