/** A drawing in an element of the page. */
export interface Drawing {
  /** Takes it out of the page. It draws no more. */
  remove(): void;
}
