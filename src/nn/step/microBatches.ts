/**
 * How large a part of a batch fits into memory, and how a batch is divided into micro-batches. These functions work on plans
 * alone and need no device.
 */
import { DeviceError, MemoryLimitError } from '../../errors.ts';
import { formatBytes } from '../../plan/text.ts';
import type { Plan } from '../../plan/types.ts';
import { byteLength, formatShape, type Tensor, type Variable } from '../../tensor.ts';

/** The memory that a plan has to fit into. */
export interface MemoryRoom {
  /** Most bytes of one buffer, as the device allows. */
  readonly buffer: number;
  /** Most bytes that may still be allocated for the plan. */
  readonly bytes: number;
  /** The `memoryLimit`, in bytes, from which `bytes` was computed. */
  readonly limit: number;
  /** Batch size of the step, for the error message; undefined: a step of the caller's own, which is not divided. */
  readonly batchSize: number | undefined;
  /** Sentence on the use of the other bytes of the limit, for the error message. */
  readonly rest: string;
  /** The smallest limit that leaves the given number of bytes for the plan. */
  readonly least: (bytes: number) => number;
}

/**
 * The largest equal part of a batch that fits: ceil(batchSize / k) with the smallest k that fits, so the whole batch if k is 1.
 * @param misfit plans a step for a number of rows, and returns an error if it does not fit
 * @throws the error of `misfit` if not even a single example fits
 */
export function rowsAtOnce(batchSize: number, misfit: (rows: number) => Error | undefined): number {
  const rowsOf = (parts: number) => Math.ceil(batchSize / parts);
  let [tooFew, enough] = [0, 1];
  for (;;) {
    const error = misfit(rowsOf(enough));
    if (!error) break;
    if (enough === batchSize) throw error;
    tooFew = enough;
    enough = Math.min(2 * enough, batchSize);
  }
  while (enough - tooFew > 1) {
    const middle = Math.ceil((tooFew + enough) / 2);
    if (misfit(rowsOf(middle))) tooFew = middle;
    else enough = middle;
  }
  return rowsOf(enough);
}

/** A tensor or variable with its size in bytes. */
interface SizedTensor {
  readonly of: Tensor | Variable;
  readonly bytes: number;
}

/**
 * An error that says why a plan does not fit, with its largest tensor, that tensor's bytes and the limit; undefined if it fits.
 * @param bytes all bytes that are still to be allocated for the plan
 */
export function misfitOf(plan: Plan, bytes: number, room: MemoryRoom): DeviceError | MemoryLimitError | undefined {
  const sized = ({ tensor, bytes }: { tensor: Tensor; bytes: number }): SizedTensor => ({ of: tensor, bytes });
  const whole = (of: Tensor | Variable): SizedTensor => ({ of, bytes: byteLength(of) });
  const all = [...plan.lifetimes.map(sized), ...plan.inputs.map(whole), ...plan.variables.map(whole)];
  const largest = all.reduce((p, q) => (q.bytes > p.bytes ? q : p), all[0]!);
  const shown = `${largest.of.name} ${formatShape(largest.of.shape)}`;
  if (largest.bytes > room.buffer) {
    return new DeviceError(
      `${shown} needs a buffer of ${largest.bytes} bytes, this device allows ${room.buffer}; with fewer examples at once ` +
        'it does not get small enough.',
    );
  }
  if (bytes <= room.bytes) return undefined;
  const least = room.least(bytes);
  const step =
    room.batchSize === undefined ? 'This one' : `With the fewest examples at once one of batch size ${room.batchSize}`;
  return new MemoryLimitError(
    `memoryLimit is ${room.limit} bytes (${formatBytes(room.limit)}), of which ${Math.max(0, Math.floor(room.bytes))} ` +
      `are left for a step: ${room.rest}. ${step} takes ${bytes}, ` +
      `so it fits from memoryLimit: ${least} on. Its largest tensor is ${shown}, ${largest.bytes} bytes.`,
    least,
  );
}

/** Rows of each part if `rows` are divided evenly into parts of at most `most`. The last part may have fewer. */
export function evenly(rows: number, most: number): number {
  return Math.ceil(rows / Math.ceil(rows / most));
}

/** The seed of one part of a batch: each part draws other random numbers. Part 0 has the step's own seed. */
export function partSeed(seed: number, part: number): number {
  return seed ^ Math.imul(part, 0xc2b2ae35);
}
