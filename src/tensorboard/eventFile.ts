/** A file of events, to which each step is appended as it comes: TensorBoard reads it while it grows. */
import { StateError } from '../errors.ts';
import { record, summaryEvent, type Value, versionEvent } from './events.ts';
import { joined } from './protobuf.ts';

/**
 * The part of Node's `process` that is used. It is declared here, because users of the library need not have Node's
 * types.
 */
interface Node {
  readonly pid: number;
  /** Node has it since 20.16. It replaces imports, which bundlers for the web would try to resolve. */
  getBuiltinModule(id: 'node:fs'): {
    mkdirSync(path: string, options: { recursive: true }): unknown;
    appendFileSync(path: string, data: Uint8Array): void;
  };
  getBuiltinModule(id: 'node:os'): { hostname(): string };
  getBuiltinModule(id: 'node:path'): { join(...parts: string[]): string };
}

/** @throws StateError where there is no file system, as in a page */
export function node(): Node {
  const process = (globalThis as { process?: Partial<Node> }).process;
  if (!process?.getBuiltinModule) {
    throw new StateError(
      'tensorBoard: there is no file system; it needs Node 20.16 or newer. In a page, neurite/vis draws curves.',
    );
  }
  return process as Node;
}

/** Files that this process has begun. It makes their names different. */
let files = 0;

/**
 * A file of events in a folder. File and folder are made with the first event. Each write opens and closes the file, so that
 * a training that fails leaves none open, and appends whole records.
 */
export class EventFile {
  readonly #folder: string;
  #path: string | undefined;

  constructor(folder: string) {
    this.#folder = folder;
  }

  write(step: number, values: readonly Value[]): void {
    if (values.length === 0) return;
    const process = node();
    const fs = process.getBuiltinModule('node:fs');
    const now = Date.now() / 1000;
    const event = record(summaryEvent(now, step, values));
    if (this.#path) {
      fs.appendFileSync(this.#path, event);
      return;
    }
    fs.mkdirSync(this.#folder, { recursive: true });
    // TensorBoard reads files whose names contain `tfevents`, in the order of their names: so the time comes first.
    const host = process.getBuiltinModule('node:os').hostname();
    const name = `events.out.tfevents.${Math.floor(now)}.${host}.${process.pid}.${files++}`;
    const path = process.getBuiltinModule('node:path').join(this.#folder, name);
    fs.appendFileSync(path, joined(record(versionEvent(now)), event));
    this.#path = path;
  }
}
