/** What work costs this process, in Node: a machine that is busy with something else does not add to it. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** @returns a function that gives the CPU time since, of all threads, in milliseconds */
export function cpuTime(): () => number {
  const start = process.cpuUsage();
  return () => {
    const { user, system } = process.cpuUsage(start);
    return (user + system) / 1000;
  };
}

/** Highest resident memory so far, in bytes. */
export const peakMemory = () => process.resourceUsage().maxRSS * 1024;

let gc: (() => void) | undefined;

/** Collects garbage, so that what is left has an owner. */
export function collectGarbage(): void {
  if (!gc) {
    setFlagsFromString('--expose-gc');
    gc = runInNewContext('gc') as () => void;
  }
  gc();
}
