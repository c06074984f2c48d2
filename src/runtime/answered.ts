import { DeviceError } from '../errors.ts';

/**
 * Waits for what a GPU process is asked for: one that hangs, or that dies at the wrong moment, answers nothing.
 * @param late gets an answer that comes when nobody waits for it any more
 * @throws DeviceError where there is none within so many seconds
 */
export async function answered<T>(asked: Promise<T>, seconds: number, late?: (answer: T) => void): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const silence = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      if (late) asked.then(late, () => {});
      reject(new DeviceError(`no answer within ${seconds} s: the GPU process hangs.`));
    }, seconds * 1000);
  });
  return Promise.race([asked, silence]).finally(() => clearTimeout(timer));
}
