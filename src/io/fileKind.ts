/** Recognizes files of other formats by their first bytes, so that an error can name the format instead of "invalid file". */
import { quote } from './json.ts';

export const SAFETENSORS = 'a safetensors file';

/** First bytes of known formats, as Latin-1, with a description. */
const BEGINNINGS: readonly (readonly [string, string])[] = [
  ['\x89HDF', 'a Keras model or another HDF5 file (.h5)'],
  ['GGUF', 'a GGUF model'],
  ['\x80\x02', 'a PyTorch model or another Python pickle'],
  ['\x80\x03', 'a Python pickle'],
  ['\x80\x04', 'a Python pickle'],
  ['\x80\x05', 'a Python pickle'],
  ['\x93NUMPY', 'a NumPy array (.npy)'],
  ['\x1f\x8b', 'compressed with gzip'],
  ['\x28\xb5\x2f\xfd', 'compressed with zstd'],
  ['\x89PNG', 'a PNG picture'],
  ['\xff\xd8\xff', 'a JPEG picture'],
  ['GIF8', 'a GIF picture'],
  ['RIFF', 'a WebP picture or a sound'],
  ['%PDF', 'a PDF document'],
  ['version https://git-lfs', 'a pointer of Git LFS in the place of the file'],
  ['\xff\xfe', 'a text in UTF-16'],
  ['\x1aE\xdf\xa3', 'a WebM or Matroska video'],
  ['\x00asm', 'WebAssembly'],
  ['\x00\x00\x08', 'an IDX file, as those of MNIST'],
];

/** The content of a zip archive, by the names at its beginning. */
const ARCHIVES: readonly (readonly [RegExp, string])[] = [
  [/\/(data\.pkl|\.format_version)/, 'a PyTorch model (.pt)'],
  [/metadata\.json|config\.json|model\.weights/, 'a Keras model (.keras)'],
  [/\.npy/, 'an archive of NumPy arrays (.npz)'],
];

/** Describes the format of a file by its first bytes; undefined if it is not known. */
export function fileKind(file: Uint8Array): string | undefined {
  const head = String.fromCharCode(...file.subarray(0, 2048)).replace(/^\xef\xbb\xbf/, '');
  if (head.startsWith('PK\x03\x04')) return ARCHIVES.find(([names]) => names.test(head))?.[1] ?? 'a zip archive';
  if (head.slice(8, 10) === '{"') return SAFETENSORS;
  const text = head.trimStart();
  if (/^[{[]/.test(text)) {
    return /(layers|graph)-model|modelTopology|weightsManifest/.test(text)
      ? 'a TensorFlow.js model (model.json)'
      : 'JSON';
  }
  if (/^<[!?a-z]/i.test(text)) return 'a text that begins with "<", as a web page does (a wrong address?)';
  if (head.startsWith('TFL3', 4)) return 'a TensorFlow Lite model';
  // Protocol buffers: the field number 1, a version, and fields of texts or messages.
  const [tag, version, next] = file;
  if (tag === 8 && version! < 32 && next! % 8 === 2) {
    return version! > 2 ? 'an ONNX model' : "TensorFlow's SavedModel";
  }
  const known = BEGINNINGS.find(([beginning]) => head.startsWith(beginning) || text.startsWith(beginning))?.[1];
  // Twelve printable characters in a row are a text: neither a length nor a binary header begins like this.
  return (
    known ??
    (/^[\s\x20-\x7e]{4,}$|^[\s\x20-\x7e]{12}/.test(head)
      ? `a text that begins with ${quote(text.slice(0, 40))}`
      : undefined)
  );
}
