/** Makes a model in a worker. */
import { ArgumentError, DeviceError, StateError } from '../errors.ts';
import { type Bytes, isBlob, isBytes, isUrlObject } from '../io/bytes.ts';
import type { LayerSpec } from '../nn/layers/layer.ts';
import type { Model } from '../nn/model.ts';
import { came, checkOptions, type Kind } from '../options.ts';
import { loadOptions } from './callOptions.ts';
import { Connection } from './connection.ts';
import { type Built, type Greeting, PROTOCOL } from './protocol.ts';
import { PageModel, withoutTransfer } from './remoteModel.ts';
import { ADVICE, resolved, spawn, whatToServe } from './spawn.ts';
import type { RemoteLoadOptions, RemoteModel, RemoteOptions } from './types.ts';

/** The type of each option, for `checkOptions`. The worker checks the values of the others. */
export const REMOTE_OPTIONS = { worker: 'any' } as const satisfies Record<keyof RemoteOptions, Kind>;
export const REMOTE_LOAD_OPTIONS = {
  ...REMOTE_OPTIONS,
  transfer: 'boolean',
  onProgress: 'function',
  tune: 'any',
  precision: 'any',
  memoryLimit: 'any',
  maxBytes: 'any',
  onBytes: 'function',
} as const satisfies Record<keyof RemoteLoadOptions, Kind>;

/** In milliseconds. A worker whose file is the caller's, and that has not answered by then, may not know what to do. */
const PATIENCE_MS = 10_000;

/** A model in a worker, made of layers. Call `compile` next. @throws ShapeError, ArgumentError, which name the layer */
export function remote(layers: readonly LayerSpec[], options?: RemoteOptions): Promise<RemoteModel>;
/**
 * A model in a worker, read from a file that `save` wrote, as `loadModel` does it.
 * @param source the file, or its address: that of a server, or one that `save` takes. Bytes are copied, or handed over with `transfer`
 * @throws DeviceError if the worker cannot be started, or has no WebGPU and the page has; else what `loadModel` throws
 */
export function remote(source: Blob | Bytes | URL | string, options?: RemoteLoadOptions): Promise<RemoteModel>;
export async function remote(
  source: readonly LayerSpec[] | Blob | Bytes | URL | string,
  options: RemoteLoadOptions = {},
): Promise<RemoteModel> {
  const ofLayers = Array.isArray(source);
  if (typeof (source as Partial<Model>)?.getWeights === 'function') {
    throw new ArgumentError(
      'remote: a model does not move into a worker by itself. Write remote(await model.save()), which has its weights and what compile ' +
        'was given; or give remote its list of layers.',
    );
  }
  if (!ofLayers && !isFile(source)) {
    throw new ArgumentError(
      `remote: the first argument must be a list of layers, or a model's file as Blob, ArrayBuffer, Uint8Array or address, ${came(source)}`,
    );
  }
  checkOptions('remote', options, ofLayers ? REMOTE_OPTIONS : REMOTE_LOAD_OPTIONS);
  const [gives, { worker: given, ...others }] = withoutTransfer('remote', options);
  const worker = spawn(given);
  const isOwn = worker !== given;
  const { port1, port2 } = new MessageChannel();
  const connection = new Connection(port1, () => isOwn && worker.terminate());
  const model = new PageModel(connection);
  const built = connection.call('remote', gives, (out, id) => ({
    type: 'build',
    id,
    ...(ofLayers
      ? { layers: out.encode(source, 'layers'), options: undefined }
      : { file: out.encode(absolute(source), 'source'), options: out.encode(loadOptions(out, others), '') }),
  }));
  const refuse = (event: ErrorEvent) => {
    const why = event.message ? `: ${event.message}` : '';
    connection.fail(
      () => new DeviceError(`remote: the worker could not be loaded${why}. ${whatToServe(given)} ${ADVICE}`),
    );
  };
  worker.addEventListener('error', refuse);
  const doubt = setTimeout(() => {
    if (given !== undefined)
      console.warn("neurite: the worker of remote has not answered yet. Does its file import 'neurite/worker/start'?");
  }, PATIENCE_MS);
  try {
    worker.postMessage({ neurite: PROTOCOL, port: port2 } satisfies Greeting, [port2]);
    const { protocol, gpu } = (await built) as Built;
    if (protocol !== PROTOCOL)
      throw new StateError('remote: the page and its worker come from different versions of neurite.');
    if (!gpu && (navigator as { gpu?: unknown }).gpu) {
      throw new DeviceError(
        "remote: this browser has WebGPU in pages, but not in workers. Use the model itself: import { sequential } from 'neurite'.",
      );
    }
    return model;
  } catch (error) {
    connection.dispose();
    throw error;
  } finally {
    clearTimeout(doubt);
    worker.removeEventListener('error', refuse);
  }
}

const isFile = (value: unknown) => isBlob(value) || isBytes(value) || isUrlObject(value) || typeof value === 'string';

/** An address means the same in the worker, which lies elsewhere. */
function absolute<T>(source: T): T | string {
  if (isUrlObject(source)) return source.href;
  // An address such as indexeddb://name is no URL in every browser's eyes, and must stay what it is.
  if (typeof source !== 'string' || /^[a-z][a-z\d+.-]*:/i.test(source)) return source;
  return resolved(source).href;
}
