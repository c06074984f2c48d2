/**
 * Events as TensorBoard reads them: records of TFRecord files, each with an `Event` message. Field numbers are those of
 * TensorFlow's event.proto, summary.proto and histogram.proto.
 */
import { maskedCrc32c } from './crc32c.ts';
import type { Histogram } from './histogram.ts';
import { bytesField, doubleField, doublesField, floatField, integerField, joined, textField } from './protobuf.ts';

/** Which format the events of a file have; in its first event. */
const FILE_VERSION = 'brain.Event:2';

/** A value of one step: a number of a curve, or a histogram. */
export interface Value {
  readonly tag: string;
  readonly value: number | Histogram;
}

/**
 * A record: the length of the data in 64 bits, the checksum of these 8 bytes, the data, and their checksum. All numbers are
 * little-endian.
 */
export function record(data: Uint8Array): Uint8Array {
  const length = new Uint8Array(8);
  new DataView(length.buffer).setBigUint64(0, BigInt(data.length), true);
  return joined(length, checksum(length), data, checksum(data));
}

function checksum(bytes: Uint8Array): Uint8Array {
  const four = new Uint8Array(4);
  new DataView(four.buffer).setUint32(0, maskedCrc32c(bytes), true);
  return four;
}

/** The first event of a file. @param wallTime in seconds since 1970 */
export function versionEvent(wallTime: number): Uint8Array {
  return joined(doubleField(1, wallTime), textField(3, FILE_VERSION));
}

/** The event of a step. @param wallTime in seconds since 1970 */
export function summaryEvent(wallTime: number, step: number, values: readonly Value[]): Uint8Array {
  const summary = joined(...values.map((value) => bytesField(1, valueMessage(value))));
  return joined(doubleField(1, wallTime), integerField(2, step), bytesField(5, summary));
}

function valueMessage({ tag, value }: Value): Uint8Array {
  const what = typeof value === 'number' ? floatField(2, value) : bytesField(5, histogramMessage(value));
  return joined(textField(1, tag), what);
}

function histogramMessage({ min, max, sum, sumOfSquares, limits, counts }: Histogram): Uint8Array {
  const count = counts.reduce((a, b) => a + b, 0);
  return joined(
    ...[min, max, count, sum, sumOfSquares].map((value, i) => doubleField(1 + i, value)),
    doublesField(6, limits),
    doublesField(7, counts),
  );
}
