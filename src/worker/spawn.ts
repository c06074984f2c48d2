/** Starts the worker of a model: its own, one at an address, or one that the page has made. */
import { ArgumentError, DeviceError } from '../errors.ts';
import { isUrlObject } from '../io/bytes.ts';
import { came } from '../options.ts';
import { kindOf } from '../shown.ts';

/** The file of the worker beside this one. A bundler knows it by the expression below. */
const FILE = './start.ts';

/** @throws DeviceError where there are no workers, or where they cannot be started */
export function spawn(given: Worker | URL | string | undefined): Worker {
  if (typeof Worker === 'undefined') {
    throw new DeviceError(
      "remote: there are no web workers here; Node has none. Use the model itself: import { sequential } from 'neurite'.",
    );
  }
  if (kindOf(given) === 'Worker') return given as Worker;
  if (given !== undefined && typeof given !== 'string' && !isUrlObject(given))
    throw new ArgumentError(`remote: worker must be a Worker or the address of its file, ${came(given)}`);
  // CommonJS and classic scripts have no address.
  if (given === undefined && !import.meta.url)
    throw new DeviceError(`remote: where its worker is, is not known here. ${ADVICE}`);
  try {
    if (given !== undefined) return at(resolved(given));
    try {
      return new Worker(new URL('./start.ts', import.meta.url), { type: 'module' });
    } catch (error) {
      if ((error as Error).name !== 'SecurityError') throw error;
      return at(new URL(besideThis())); // this file comes from another server
    }
  } catch (cause) {
    throw new DeviceError(
      `remote: the worker cannot be started: ${(cause as Error).message}. Its file must be on the server of the page. ${ADVICE}`,
      { cause },
    );
  }
}

/** An address as the page means it. */
export const resolved = (address: URL | string) => new URL(address, globalThis.document?.baseURI ?? location.href);

/** The address of the worker's file beside this one, as bundlers must not see it: they would make a second file of it. */
const besideThis = () => import.meta.url.replace(/[^/]*$/, FILE.slice(2));

/** Says which file the page must serve for the worker, and where it was looked for. @param given as for `spawn` */
export function whatToServe(given: Worker | URL | string | undefined): string {
  const serve = 'The page must serve, as JavaScript,';
  if (kindOf(given) === 'Worker') return `${serve} the file of the given worker.`;
  if (given !== undefined) return `${serve} its file, at ${resolved(given as URL | string).href}.`;
  return `${serve} ${FILE.slice(2)} and the engine that it imports, at ${besideThis()} or where the bundler has put it.`;
}

/** A browser starts workers of the page's own origin alone. A Blob is of it, and may import modules of others that allow it. */
function at(url: URL): Worker {
  if (url.origin === location.origin || url.protocol === 'blob:') return new Worker(url, { type: 'module' });
  const source = new Blob([`import ${JSON.stringify(url.href)};`], { type: 'text/javascript' });
  const address = URL.createObjectURL(source);
  const worker = new Worker(address, { type: 'module' });
  // The browser fetches it at once, but not before this has ended.
  setTimeout(() => URL.revokeObjectURL(address), FETCHED_MS);
  return worker;
}

/** In milliseconds. */
const FETCHED_MS = 60_000;

/** What to do about a worker that does not start. */
export const ADVICE =
  'The policy of the page (worker-src) must allow it. With a bundler that does not know workers, such as esbuild, bundle a file with ' +
  "import 'neurite/worker/start' and pass { worker: new Worker(…) }.";
