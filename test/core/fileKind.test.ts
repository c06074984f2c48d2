/** Files that are no safetensors files, by their first bytes: every reader says what they are. */
import { describe, expect, test } from 'vitest';
import { readBrainImages } from '../../src/brain/index.ts';
import { FormatError, loadModel, readSafetensors, resume, writeSafetensors } from '../../src/index.ts';
import { memoryStore } from '../support/snapshots.ts';
import { toyExamples } from '../support/toy.ts';

/** Latin-1, filled up with other bytes, as in a file. */
const bytes = (head: string, rest = 400) =>
  Uint8Array.from({ length: head.length + rest }, (_, i) => (i < head.length ? head.charCodeAt(i) : (i * 37) % 256));
/** The first entry of a zip archive. */
const zip = (name: string, flags = '\x08\x08') =>
  bytes(`PK\x03\x04\x14\x00${flags}${'\x00'.repeat(18)}${String.fromCharCode(name.length)}\x00\x00\x00${name}`);

const FILES: readonly (readonly [string, Uint8Array, RegExp])[] = [
  ['a .keras file', zip('metadata.json', '\x00\x00'), /a Keras model \(\.keras\)/],
  ['a .h5 file', bytes('\x89HDF\r\n\x1a\n\x00\x00\x00'), /a Keras model or another HDF5 file/],
  ['a .pt file', zip('archive/data.pkl'), /a PyTorch model \(\.pt\)/],
  ['an old .pt file', bytes('\x80\x02\x8a\x0al\xfc\x9cF\xf9 j\xa8P\x19.'), /a PyTorch model or another Python pickle/],
  ['a pickle', bytes('\x80\x04\x95\x10\x00\x00\x00\x00\x00\x00\x00}\x94'), /a Python pickle/],
  ['an ONNX file', bytes('\x08\x07\x12\x07pytorch\x1a\x06'), /an ONNX model/],
  ['another ONNX file', bytes('\x08\x05\x12\nkeras2onnx\x1a\x05'), /an ONNX model/],
  ['a SavedModel', bytes('\x08\x01\x12\xb4\x1a\n'), /TensorFlow's SavedModel/],
  ['a model.json', bytes('{"format": "layers-model", "generatedBy": "keras"', 9000), /a TensorFlow\.js model/],
  ['an indented model.json', bytes('\n  {\n  "modelTopology": {"keras_version"', 9000), /a TensorFlow\.js model/],
  ['a TFLite file', bytes('\x1c\x00\x00\x00TFL3\x14'), /a TensorFlow Lite model/],
  ['a GGUF file', bytes('GGUF\x03\x00\x00\x00\x23'), /a GGUF model/],
  ['an .npy file', bytes("\x93NUMPY\x01\x00v\x00{'descr'"), /a NumPy array/],
  ['an .npz file', zip('x.npy', '\x00\x00'), /an archive of NumPy arrays/],
  ['a zip archive', zip('letter.txt'), /a zip archive/],
  ['a PNG', bytes('\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR'), /a PNG picture/],
  ['a JPEG', bytes('\xff\xd8\xff\xe0\x00\x10JFIF'), /a JPEG picture/],
  ['a GIF', bytes('GIF89a'), /a GIF picture/],
  ['a PDF', bytes('%PDF-1.7\n'), /a PDF document/],
  ['a web page', bytes('<!doctype html><html><body>404'), /begins with "<", as a web page does \(a wrong address\?\)/],
  ['a web page after a mark', bytes('\xef\xbb\xbf\r\n<html>'), /as a web page does/],
  ['an answer in JSON', bytes('{"error":"Repository not found"}'), /it is JSON/],
  ['an answer in words', bytes('Entry not found'), /a text that begins with "Entry not found/],
  ['a short answer', new TextEncoder().encode('Not Found'), /a text that begins with "Not Found/],
  [
    'a text about a model',
    new TextEncoder().encode('# A model of mine'),
    /a text that begins with "# A model(?!.*saved as)/,
  ],
  ['a text in UTF-16', bytes('\xff\xfeh\x00e\x00l\x00l\x00o\x00'), /a text in UTF-16/],
  ['WebM', bytes('\x1aE\xdf\xa3\x9fB\x86\x81\x01'), /a WebM/],
  ['WebAssembly', bytes('\0asm\x01\0\0\0\x01'), /WebAssembly/],
  ["Git LFS' pointer", bytes('version https://git-lfs.github.com/spec/v1\noid'), /a pointer of Git LFS/],
  ["MNIST's digits", bytes('\x00\x00\x08\x03\x00\x00\x27\x10\x00\x00\x00\x1c'), /an IDX file/],
];
const GZIP = ['a gzip file', bytes('\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03', 2e6), /compressed with gzip/] as const;

const failure = (run: () => unknown): Promise<Error | undefined> =>
  Promise.resolve()
    .then(run)
    .then(
      () => undefined,
      (error: Error) => error,
    );

describe.each([...FILES, GZIP])('%s', (_, file, kind) => {
  test.each<[string, () => unknown]>([
    ['readSafetensors', () => readSafetensors(file)],
    ['loadModel', () => loadModel(file)],
    ['loadModel of a Blob', () => loadModel(new Blob([file as Uint8Array<ArrayBuffer>]))],
    [
      'resume',
      () => {
        const { store } = memoryStore();
        return resume(toyExamples(4), { store: { ...store, load: async () => file as Uint8Array<ArrayBuffer> } });
      },
    ],
  ])('%s says what it is', async (_name, run) => {
    const error = await failure(run);
    expect(error).toBeInstanceOf(FormatError);
    expect(error!.message).toMatch(kind);
    expect(error!.message).toMatch(/this is no safetensors file/);
    expect(error!.message.length).toBeLessThan(400);
  });
});

test.each(FILES)('%s as images of the course', async (_, file, kind) => {
  const error = await failure(() => readBrainImages(new Blob([file as Uint8Array<ArrayBuffer>])));
  expect(error).toBeInstanceOf(FormatError);
  expect(error!.message).toMatch(/is not a gzip file/);
  expect(error!.message).toMatch(kind);
});

test('a safetensors file as images of the course, and as a model', async () => {
  const file = writeSafetensors([{ name: 'w', shape: [2], data: Float32Array.of(1, 2) }]);
  expect((await failure(() => readBrainImages(new Blob([file]))))!.message).toMatch(/it is a safetensors file/);
  expect((await failure(() => loadModel(file)))!.message).toMatch(/readSafetensors reads them, and setWeights takes/);
});

test('bytes that nobody knows are said to be none, without their data', async () => {
  const error = await failure(() => loadModel(bytes('\x91\x02\x03', 1e6)));
  expect(error).toBeInstanceOf(FormatError);
  expect(error!.message).toMatch(/this is no safetensors file, nor of a kind that is known/);
  expect(error!.message.length).toBeLessThan(200);
});

test('an address that is all of the file is not printed', async () => {
  const error = await failure(() => loadModel(`data:application/json,${'x'.repeat(1e6)}`));
  expect(error).toBeInstanceOf(FormatError);
  expect(error!.message.length).toBeLessThan(400);
});
