/** A place that can keep models' files: what each kind of address (`indexeddb://`, `opfs://`, …) has to be able to do. */

/** A model's file in a place. */
export interface KeptModel {
  /** Where it is: `loadModel` and `removeModel` take it. */
  readonly address: string;
  /** Size of the file. */
  readonly bytes: number;
  /** When it was saved. */
  readonly saved: Date;
}

export interface Place {
  /** Why there is none here, and what to use instead; undefined if there is one. */
  missing(): string | undefined;
  /** Replaces the file wholly or not at all. */
  write(name: string, bytes: Uint8Array<ArrayBuffer>): Promise<void>;
  /** The file; undefined if there is none of this name. */
  read?(name: string): Promise<Uint8Array<ArrayBuffer> | Blob | undefined>;
  /** @returns whether there was one */
  remove?(name: string): Promise<boolean>;
  list?(): Promise<readonly (Omit<KeptModel, 'address'> & { readonly name: string })[]>;
}
