import type { Device } from 'neurite';
import { useEffect, useRef, useState } from 'preact/hooks';
import { device } from './device.ts';

/** A device that is lost is replaced; a computation that loses each one must end. */
const TRIES = 3;

/**
 * What a function computes on the GPU, each time that something changes. One computation runs at a time; of the changes
 * that come meanwhile only the last one is computed.
 * @param compute loads its own code: `async (device) => (await import('./gpu.ts')).convolve(device, picture)`
 * @param changes what it depends on
 * @returns the result for these changes; undefined until it is there, and where there is no GPU
 */
export function useOnDevice<T>(compute: (device: Device) => Promise<T>, changes: readonly unknown[]): T | undefined {
  const [result, setResult] = useState<{ value: T; changes: readonly unknown[] }>();
  const latest = useRef<{ compute: typeof compute; changes: readonly unknown[] } | undefined>(undefined);
  const busy = useRef(false);
  const gone = useRef(false);
  useEffect(
    () => () => {
      gone.current = true;
    },
    [],
  );
  useEffect(() => {
    latest.current = { compute, changes };
    if (busy.current) return;
    busy.current = true;
    (async () => {
      while (latest.current && !gone.current) {
        const job = latest.current;
        latest.current = undefined;
        const value = await computed(job.compute);
        if (value !== undefined && !gone.current) setResult({ value, changes: job.changes });
      }
    })()
      .catch(reportError)
      .finally(() => {
        busy.current = false;
      });
  }, changes);
  return result && same(result.changes, changes) ? result.value : undefined;
}

/** @returns undefined where there is no GPU */
async function computed<T>(compute: (device: Device) => Promise<T>): Promise<T | undefined> {
  for (let left = TRIES; ; left--) {
    const own = await device();
    if (!own) return undefined;
    try {
      return await compute(own);
    } catch (error) {
      if (own.lost === undefined || left === 1) throw error;
    }
  }
}

const same = (a: readonly unknown[], b: readonly unknown[]) => a.length === b.length && a.every((v, i) => v === b[i]);
