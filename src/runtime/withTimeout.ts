import { DeviceError } from '../errors.ts';

/**
 * Waits for an answer of the browser's GPU process, with a time limit: a process that hangs, or that dies at the wrong
 * moment, never settles the promise.
 * @param late is called with an answer that comes after the time limit
 * @throws DeviceError if there is no answer within `seconds`
 */
export async function withTimeout<T>(asked: Promise<T>, seconds: number, late?: (answer: T) => void): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const silence = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      if (late) asked.then(late, () => {});
      reject(new DeviceError(`no answer within ${seconds} s: the GPU process hangs.`));
    }, seconds * 1000);
  });
  return Promise.race([asked, silence]).finally(() => clearTimeout(timer));
}
