/** Files that lie about themselves. Each is read in a process of its own, whose time and memory are measured. */
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import fs, { type FileHandle } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { afterAll, expect, test, vi } from 'vitest';
import { readBrainImages } from '../../src/brain/files.ts';
import type { Reading } from './read.ts';

const folder = mkdtempSync(join(tmpdir(), 'neurite-hostile-'));
afterAll(() => rmSync(folder, { recursive: true }));

const PIXELS = 128 * 128;
const MiB = 2 ** 20;

/**
 * Most memory that a bad file may cost beyond its own size, in bytes, and the CPU time, in milliseconds: 500 to 1,200 on an idle
 * machine, three times that where both threads of a core compute.
 */
const MOST_BYTES = 256e6;
const MOST_TIME = 5000;

function file(name: string, bytes: Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  return path;
}

async function read(path: string): Promise<Reading> {
  const script = resolve(import.meta.dirname, 'read.ts');
  const { stdout } = await promisify(execFile)(process.execPath, ['--import', 'tsx', script, path]);
  return JSON.parse(stdout);
}

/** A safetensors file; its header says what it likes. */
function safetensors(header: string, dataLength = 0): Uint8Array {
  const json = Buffer.from(header);
  const bytes = new Uint8Array(8 + json.length + dataLength);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(json.length), true);
  bytes.set(json, 8);
  return bytes;
}
const entry = (shape: unknown, offsets: unknown, dtype = 'F32') =>
  `{"dtype":"${dtype}","shape":${JSON.stringify(shape)},"data_offsets":${JSON.stringify(offsets)}}`;
/** As many members as fit into a header. */
const crowded = (member: (i: number) => string) => {
  const members: string[] = [];
  for (let size = 0, i = 0; size < 15_900_000; i++) {
    members.push(member(i));
    size += members.at(-1)!.length + 1;
  }
  return members.join();
};

/** Images of which one number is not finite; compressed, the others hardly count. */
function images(bytes: number, bad?: { at: number; value: number }): Buffer {
  const data = Buffer.alloc(bytes);
  if (bad) data.writeFloatLE(bad.value, bad.at);
  return gzipSync(data, { level: 1 });
}

const COURSE = 2048 * PIXELS * 4;
const small = images(2 * PIXELS * 4);

test.each<[string, () => Uint8Array, RegExp]>([
  ['bomb.gz', () => images(1024 * MiB), /bomb\.gz decompresses to more than 201326592 bytes/],
  ['odd.gz', () => images(192 * MiB - 1), /201326591 bytes, which is no multiple of an image/],
  [
    'nan.gz',
    () => images(COURSE, { at: COURSE - 4, value: Number.NaN }),
    /nan\.gz: image 2047 has the value NaN; all pixels must be finite/,
  ],
  ['garbage.gz', () => Buffer.concat([small, Buffer.from('garbage')]), /garbage\.gz (is damaged|has something behind)/],
  ['zeros.gz', () => Buffer.concat([small, Buffer.alloc(512)]), /zeros\.gz (is damaged|has something behind its end)/],
  ['members.gz', () => Buffer.concat([small, small, gzipSync('')]), /members\.gz (is damaged|has something behind)/],
  ['cut.gz', () => images(COURSE).subarray(0, -9), /cut\.gz is damaged or truncated/],
  ['empty.gz', () => new Uint8Array(), /empty\.gz is empty/],
  ['text.gz', () => Buffer.from('pixels'), /text\.gz is not a gzip file/],
  ['length.st', () => new Uint8Array(8).fill(255), /18446744073709551615 bytes, the limit is/],
  [
    'terabytes.st',
    () => safetensors(`{"w":${entry([2 ** 38], [0, 2 ** 40])}}`, 8),
    /"w", bytes 0 to 1099511627776 .* outside the file/,
  ],
  ['terabytes-short.st', () => safetensors(`{"w":${entry([2 ** 38], [0, 8])}}`, 8), /need 1099511627776 bytes/],
  ['deep.st', () => safetensors(`{"w":${'['.repeat(15_000_000)}`), /expected an object/],
  ['ones.st', () => safetensors(`{"w":{"shape":[${crowded(() => '1')}]}}`), /more than 64 numbers/],
  ['tensors.st', () => safetensors(`{${crowded((i) => `"${i}":${entry([0], [0, 0])}`)}}`, 1), /131072|belong to no/],
  [
    'axes.st',
    () => safetensors(`{${crowded((i) => `"${i}":${entry(Array(64).fill(0), [0, 0])}`)}}`, 1),
    /the last 1 bytes belong to no tensor/,
  ],
  ['keys.st', () => safetensors(`{"__metadata__":{${crowded((i) => `"${i.toString(36)}":""`)}}}`), /131072 members/],
  [
    'escapes.st',
    () => safetensors(`{"__metadata__":{"é":"${'\\u00e9'.repeat(2_600_000)}"}}`, 1),
    /the last 1 bytes belong to no tensor/,
  ],
  ['latin1.st', () => Buffer.concat([safetensors(`{"w`, 1).fill(0xe9, 9), Buffer.alloc(9)]), /not UTF-8|belong|begins/],
])('%s is refused in little time and memory', async (name, make, message) => {
  const path = file(name, make());
  const { error, text, milliseconds, peakBytes } = await read(path);
  expect(text).toMatch(message);
  expect(['FormatError', 'DataError']).toContain(error);
  expect(text.length).toBeLessThan(400 + path.length);
  expect(milliseconds).toBeLessThan(MOST_TIME);
  expect(peakBytes).toBeLessThan(MOST_BYTES + statSync(path).size);
});

test('a folder is no file', async () => {
  mkdirSync(join(folder, 'real_0.gz'));
  expect(await read(join(folder, 'real_0.gz'))).toMatchObject({
    error: 'FormatError',
    text: expect.stringMatching(/real_0\.gz is a folder, not a file\.$/),
  });
});

test('a pipe is no file', async (context) => {
  if (process.platform === 'win32') context.skip('Windows has no named pipes among its files');
  const pipe = join(folder, 'pipe.gz');
  await promisify(execFile)('mkfifo', [pipe]);
  expect(await read(pipe)).toMatchObject({ error: 'FormatError', text: expect.stringMatching(/is a device, not a/) });
});

test('a file that fails while it is read is closed', async () => {
  const close = vi.fn(async () => {});
  const failing = { read: () => Promise.reject(new Error('EIO: i/o error, read')), close };
  const open = vi.spyOn(fs, 'open').mockResolvedValue(failing as unknown as FileHandle);
  await expect(readBrainImages(file('failing.gz', small))).rejects.toThrow(/failing\.gz: EIO: i\/o error, read/);
  expect(open).toHaveBeenCalledOnce();
  open.mockRestore();
  expect(close).toHaveBeenCalledOnce();
});

test('a whole course file costs its images and a copy, for a moment', async () => {
  const { error, peakBytes } = await read(file('whole.gz', images(COURSE)));
  expect(error).toBe('');
  expect(peakBytes).toBeLessThan(2 * COURSE + 64 * MiB);
});
