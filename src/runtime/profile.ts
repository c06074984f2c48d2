/**
 * Times the dispatches of one step on the GPU by timestamp queries. Only devices with the feature `timestamp-query` can
 * do so.
 */
import { DeviceError } from '../errors.ts';
import type { Plan } from '../plan/types.ts';
import type { Device } from './device.ts';
import { readStaging } from './readback.ts';

/** The time that the GPU worked on one dispatch. */
export interface DispatchTime {
  /** The dispatch's label in the plan. */
  readonly label: string;
  readonly microseconds: number;
}

/** Size of a timestamp: a 64-bit integer, in nanoseconds. */
const BYTES = 8;
/** WebGPU's limit on the queries of a set; each dispatch takes two. */
const MAX_QUERIES = 4096;

/**
 * Writes timestamps before and after each dispatch of one step. Only the beginning and the end of a pass can write one,
 * so such a step has a pass for each dispatch.
 */
export class DispatchTimer {
  readonly #device: Device;
  readonly #labels: readonly string[];
  readonly #queries: GPUQuerySet;
  readonly #resolved: GPUBuffer;
  readonly #staging: GPUBuffer;

  /** @throws DeviceError if the device has no timestamps, or if the plan has more dispatches than can be timed */
  constructor(device: Device, { dispatches }: Plan) {
    checkTimestamps(device);
    this.#device = device;
    this.#labels = dispatches.map(({ label }) => label);
    const count = 2 * dispatches.length;
    if (count > MAX_QUERIES) {
      throw new DeviceError(
        `profile: ${dispatches.length} dispatches are too many; WebGPU can time ${MAX_QUERIES / 2} in a step.`,
      );
    }
    this.#queries = device.gpu.createQuerySet({ label: 'profile', type: 'timestamp', count });
    const { QUERY_RESOLVE, COPY_SRC, COPY_DST, MAP_READ } = GPUBufferUsage;
    this.#resolved = device.createBuffer('profile', count * BYTES, QUERY_RESOLVE | COPY_SRC);
    this.#staging = device.createBuffer('profile:readback', count * BYTES, COPY_DST | MAP_READ);
  }

  /** The descriptor of the pass for one dispatch. */
  pass(index: number): GPUComputePassDescriptor {
    return {
      timestampWrites: {
        querySet: this.#queries,
        beginningOfPassWriteIndex: 2 * index,
        endOfPassWriteIndex: 2 * index + 1,
      },
    };
  }

  /** Records the copy of the times. To be called after the last pass. */
  resolve(encoder: GPUCommandEncoder): void {
    encoder.resolveQuerySet(this.#queries, 0, this.#queries.count, this.#resolved, 0);
    encoder.copyBufferToBuffer(this.#resolved, 0, this.#staging, 0, this.#staging.size);
  }

  /** Reads the times, in the plan's order. To be called after the submit. */
  read(): Promise<DispatchTime[]> {
    return readStaging(this.#device, this.#staging, (bytes) => {
      const times = new BigInt64Array(bytes);
      // When a clock is adjusted, some drivers write an end that lies before its beginning.
      const nanoseconds = (i: number) => Math.max(0, Number(times[2 * i + 1]! - times[2 * i]!));
      return this.#labels.map((label, i) => ({ label, microseconds: nanoseconds(i) / 1000 }));
    });
  }

  destroy(): void {
    this.#queries.destroy();
    this.#resolved.destroy();
    this.#staging.destroy();
  }
}

/** @throws DeviceError if the device has no timestamps; its message says what can be done */
export function checkTimestamps(device: Device): void {
  if (device.gpu.features.has('timestamp-query')) return;
  throw new DeviceError(
    'profile: this device has no timestamp-query feature, so single dispatches cannot be timed. A GPUDevice of your own ' +
      'must be requested with that feature; where the adapter lacks it, there is no way.',
  );
}
