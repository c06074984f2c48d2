/**
 * The tab's slot: a number that no other tab has, which names where the tab's run is stored. A reload finds the same again; a new
 * tab takes one that a closed tab left a run in, else the lowest that is free.
 */
import { keys } from 'idb-keyval';

const PREFIX = 'cutOff:';
const REMEMBERED = 'slot';
/** The page that was here before a reload lets go of its lock within this time. */
const PATIENCE_MS = 3000;

/** What the page remembers of a slot's run lies in the database under this key. */
export const recordKey = (slot: number) => PREFIX + slot;
/** Name of the store for the snapshots of a slot's run. */
export const storeName = (slot: number) => `page ${slot}`;

/** Undefined where the browser has no locks or no storage. */
export const slot: Promise<number | undefined> = find().catch(() => undefined);

async function find(): Promise<number | undefined> {
  if (!navigator.locks) return undefined;
  const remembered = sessionStorage.getItem(REMEMBERED);
  if (remembered !== null && (await take(Number(remembered), { signal: AbortSignal.timeout(PATIENCE_MS) }))) {
    return Number(remembered);
  }
  const left = (await keys()).map(String).filter((key) => key.startsWith(PREFIX));
  const numbers = left.map((key) => Number(key.slice(PREFIX.length))).sort((a, b) => a - b);
  for (let i = 0; ; i++) {
    const number = numbers[i] ?? i - numbers.length;
    if (!(await take(number, { ifAvailable: true }))) continue;
    sessionStorage.setItem(REMEMBERED, String(number));
    return number;
  }
}

/** Takes a slot's lock for as long as the page lives. */
function take(number: number, options: LockOptions): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const hold = (lock: Lock | null) => {
      resolve(lock !== null);
      return lock ? new Promise<void>(() => {}) : undefined;
    };
    navigator.locks.request(`neurite page ${number}`, options, hold).catch((error) => {
      if (options.signal?.aborted) resolve(false);
      else reject(error);
    });
  });
}
