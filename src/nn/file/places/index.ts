/** The addresses of places that keep models' files, and what can be done with the files there. */
import { ArgumentError, FormatError, NeuriteError, StateError } from '../../../errors.ts';
import { check, noOptions, type Passed } from '../../../options.ts';
import { shown } from '../../../shown.ts';
import { disk } from './disk.ts';
import { download } from './download.ts';
import { indexedDb } from './indexedDb.ts';
import type { KeptModel, Place } from './place.ts';
import { privateFiles } from './privateFiles.ts';

const PLACES = { indexeddb: indexedDb, opfs: privateFiles, download, file: disk } as const satisfies Record<
  string,
  Place
>;

/**
 * Where a model's file is kept: `indexeddb://name` or `opfs://name` in the browser, `download://name` among the visitor's
 * downloads, `file://path` on the disk under Node.
 */
export type ModelAddress = `${keyof typeof PLACES}://${string}`;

const EXAMPLES = Object.keys(PLACES)
  .map((scheme) => `${scheme}://name`)
  .join(', ');

/** A file in a place. */
interface Kept {
  readonly address: string;
  readonly place: Place;
  readonly name: string;
}

/** Does something in a place. @throws StateError that says where it failed, and why */
async function within<T>(address: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof NeuriteError) throw error;
    const { name, message } = error as Error;
    const full = 'this site has no more room in the browser; removeModel makes some';
    throw new StateError(`${address}: ${name === 'QuotaExceededError' ? full : message}.`, { cause: error });
  }
}

/** @throws ArgumentError for no such address, StateError where there is no such place */
export function keptAt(what: string, address: unknown): Kept {
  check(what, 'address', address, 'text');
  const [, scheme = '', name = ''] = /^(\w+):\/\/(.*)$/s.exec(address as string) ?? [];
  const place: Place | undefined = Object.hasOwn(PLACES, scheme) ? PLACES[scheme as keyof typeof PLACES] : undefined;
  if (!place || name === '') {
    const server = /^https?$/.test(scheme)
      ? ' To send it to a server, fetch(url, { method: "POST", body: await model.save() }).'
      : '';
    throw new ArgumentError(`${what}: ${shown(address)} is no place for a model: one of ${EXAMPLES}.${server}`);
  }
  const missing = place.missing();
  if (missing) throw new StateError(`${what}: ${address}: ${missing}.`);
  return { address: address as string, place, name };
}

/** Writes a model's file. */
export async function keep(at: Kept, bytes: Uint8Array<ArrayBuffer>): Promise<KeptModel> {
  await within(at.address, () => at.place.write(at.name, bytes));
  return { address: at.address, bytes: bytes.byteLength, saved: new Date() };
}

/** Reads a model's file. @throws FormatError if there is none */
export async function readKept(what: string, address: string): Promise<Uint8Array<ArrayBuffer> | Blob> {
  const at = keptAt(what, address);
  const { read } = at.place;
  if (!read)
    throw new ArgumentError(`${what}: ${address}: what was downloaded is the visitor's: let them choose the file.`);
  const file = await within(at.address, () => read(at.name));
  if (file) return file;
  const known = (await listModels()).map((model) => model.address).slice(0, 5);
  const others = at.place.list ? ` Kept here: ${known.join(', ') || 'none'}.` : '';
  throw new FormatError(`${address}: there is no model.${others}`);
}

/** The models that this site keeps in the browser (`indexeddb://` and `opfs://`), by address. Empty under Node. */
export async function listModels(...more: Passed): Promise<KeptModel[]> {
  noOptions('listModels', more);
  const lists = Object.entries(PLACES as Record<string, Place>).map(async ([scheme, place]) => {
    if (!place.list || place.missing()) return [];
    const known = await within(`${scheme}://`, () => place.list!());
    return known.map(({ name, bytes, saved }) => ({ address: `${scheme}://${name}`, bytes, saved }));
  });
  return (await Promise.all(lists)).flat().sort((a, b) => (a.address < b.address ? -1 : 1));
}

/**
 * Removes a model's file from the browser.
 * @returns whether there was one
 * @throws ArgumentError for an address of another place, StateError where there is no such place
 */
export async function removeModel(address: `indexeddb://${string}` | `opfs://${string}`): Promise<boolean> {
  const at = keptAt('removeModel', address);
  const { remove } = at.place;
  if (!remove) throw new ArgumentError(`removeModel: ${address}: the engine removes nothing of the user's own files.`);
  return within(at.address, () => remove(at.name));
}
