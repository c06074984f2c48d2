/** Stores in memory, and runs that are cut off. */
import { expect } from 'vitest';
import { type SnapshotStore, writeSafetensors } from '../../src/index.ts';
import type { NamedTensor } from '../../src/io/safetensors.ts';
import { checksumOf } from '../../src/nn/recovery/runFile.ts';
import type { FitOptions } from '../../src/nn/train/fit.ts';
import { testDevice } from './device.ts';
import { COMPILE, DATA, listener, OPTIONS, smallModel } from './losses.ts';

/** A store in memory, with every file that it was given. */
export function memoryStore() {
  const saved: Uint8Array<ArrayBuffer>[] = [];
  let bytes: Uint8Array<ArrayBuffer> | undefined;
  const store: SnapshotStore = {
    load: async () => bytes,
    async save(given) {
      bytes = given;
      saved.push(given);
    },
    async remove() {
      bytes = undefined;
    },
  };
  return {
    store,
    saved,
    get bytes() {
      return bytes;
    },
    set bytes(given) {
      bytes = given;
    },
  };
}

/** A fit that is aborted after `after` batches, and what it leaves in its store. */
export async function cut(after: number, options: FitOptions = {}, make = smallModel, compile = COMPILE) {
  const kept = memoryStore();
  const model = make();
  await model.compile({ ...compile, device: await testDevice() });
  const abort = new AbortController();
  let batches = 0;
  const hookCalls: string[] = [];
  const callbacks = [
    listener(hookCalls),
    { onBatchLogs: () => void (++batches >= after && abort.abort(new Error('cut'))) },
  ];
  const recovery = { everySteps: 1, store: kept.store };
  const fit = model.fit(DATA, { ...OPTIONS, ...options, callbacks, signal: abort.signal, recovery });
  await expect(fit).rejects.toThrow('cut');
  model.dispose();
  expect(kept.bytes).toBeDefined();
  return { ...kept, store: kept.store, hookCalls };
}

/** A snapshot that says what nobody would have saved, with the checksum of what it says. */
export function snapshotOf(tensors: readonly NamedTensor[], metadata: Record<string, string>): Uint8Array<ArrayBuffer> {
  return writeSafetensors(tensors, { ...metadata, checksum: checksumOf(tensors, metadata) });
}
