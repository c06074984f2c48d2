/** Which part of a batch fits into memory. Pure: needs no device. */
import { DeviceError, MemoryLimitError } from '../../errors.ts';
import type { Plan } from '../../plan/plan.ts';
import { formatBytes } from '../../plan/text.ts';
import { byteLength, formatShape, type Tensor, type Variable } from '../../tensor.ts';

/** What a plan has to fit into. */
export interface MemoryRoom {
  /** Most bytes of one buffer: what the device allows. */
  readonly buffer: number;
  /** Most bytes of all that the plan is still to be given. */
  readonly bytes: number;
  /** The `memoryLimit` that this comes from, in bytes. */
  readonly limit: number;
  /** Of the step, for people. */
  readonly batchSize: number;
  /** What takes the rest of it, for people. */
  readonly rest: string;
  /** The least limit that leaves so many bytes. */
  readonly least: (bytes: number) => number;
}

/**
 * The largest of equal parts of a batch that fits: the batch itself, or ceil(batchSize / k) with the smallest k that does.
 * @param misfit plans a number of examples at once, and says why it does not fit
 * @throws what `misfit` says where not even single examples fit
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

/** A tensor or variable with its bytes. */
interface SizedTensor {
  readonly of: Tensor | Variable;
  readonly bytes: number;
}

/**
 * Why a plan does not fit, naming its largest tensor, the bytes of that and the limit; undefined where it does.
 * @param bytes what the plan is still to be given, in all
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
  return new MemoryLimitError(
    `memoryLimit is ${room.limit} bytes (${formatBytes(room.limit)}), of which ${Math.max(0, Math.floor(room.bytes))} ` +
      `are left for a step: ${room.rest}. With the fewest examples at once one of batch size ${room.batchSize} takes ${bytes}, ` +
      `so it fits from memoryLimit: ${least} on. Its largest tensor is ${shown}, ${largest.bytes} bytes.`,
    least,
  );
}

/** Examples of each part, but perhaps the last, where `rows` of them go through in parts of at most `most`. */
export function evenly(rows: number, most: number): number {
  return Math.ceil(rows / Math.ceil(rows / most));
}

/** Random numbers of its own for each part of a batch; the seed's for the first. */
export function partSeed(seed: number, part: number): number {
  return seed ^ Math.imul(part, 0xc2b2ae35);
}
