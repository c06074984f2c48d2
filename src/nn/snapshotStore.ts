/** Keeps the last snapshot of a training run where it outlasts the page or process; see `privateFileStore` and `snapshotFile`. */
export interface SnapshotStore {
  /** The bytes saved last; undefined where there are none. */
  load(): Promise<Uint8Array<ArrayBuffer> | undefined>;
  /** Replaces what is kept, wholly or not at all. */
  save(bytes: Uint8Array<ArrayBuffer>): Promise<void>;
  remove(): Promise<void>;
}
