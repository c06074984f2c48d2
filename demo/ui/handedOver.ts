/** How one page gives pictures to the lab: files in a store of the browser, and a link that says that they are there. */

/** Where in IndexedDB, by idb-keyval: `{ path, file }[]`, as if a visitor had dropped them. */
export const HANDED_OVER_KEY = 'handed-over';

/** Hash of the lab's address. */
export const HANDED_OVER = '#handed-over';
