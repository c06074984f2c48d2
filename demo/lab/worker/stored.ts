/** Where snapshots of a run outlast the page. Whatever goes wrong there, training continues without it. */
import { privateFileStore, type SnapshotStore } from 'neurite';

/** The store of a name; undefined where the browser has none. */
export function storeOf(name: string): SnapshotStore | undefined {
  try {
    return privateFileStore(name);
  } catch {
    return undefined; // no private file system, or no secure context
  }
}

/** Whether there is a run to continue. */
export async function isStored(name: string): Promise<boolean> {
  return (
    (await storeOf(name)
      ?.load()
      .catch(() => undefined)) !== undefined
  );
}

/** @returns whether nothing is left there */
export async function forgetStored(name: string): Promise<boolean> {
  return (
    (await storeOf(name)
      ?.remove()
      .then(
        () => true,
        () => false,
      )) ?? false
  );
}

/**
 * The store of a run that begins or continues.
 * @param remember what else has to be known of the run, done before each snapshot is stored
 */
export function storeOfRun(name: string, remember: () => Promise<void>): SnapshotStore | undefined {
  const store = storeOf(name);
  return (
    store && {
      load: () => store.load(),
      async save(bytes) {
        try {
          await remember();
          await store.save(bytes);
        } catch {
          // A full disk, or a private window: the run is as safe as it was.
        }
      },
      remove: () => store.remove().catch(() => {}),
    }
  );
}
