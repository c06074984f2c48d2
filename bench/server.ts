import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Bundle } from './bundles.ts';

export interface BenchServer {
  /** Of the page that runs a bundle. */
  url(name: string): string;
  close(): Promise<void>;
}

/** Serves each bundle at `/<name>/`, in a secure context, which WebGPU requires. Nothing is cached. */
export async function serveBundles(bundles: ReadonlyMap<string, Bundle>): Promise<BenchServer> {
  const server = createServer((request, response) => {
    const [, name = '', file = ''] = (request.url ?? '').split('?')[0]!.split('/');
    const found = bundles.get(name);
    const text = found && (file === '' ? PAGE : found.files.get(file));
    response.setHeader('cache-control', 'no-store');
    // A cross-origin isolated page can share memory between threads. The WebAssembly backend of jax-js needs this.
    response.setHeader('cross-origin-opener-policy', 'same-origin');
    response.setHeader('cross-origin-embedder-policy', 'require-corp');
    if (text === undefined) response.writeHead(404).end();
    else response.setHeader('content-type', file ? 'text/javascript' : 'text/html').end(text);
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  return {
    url: (name) => `http://127.0.0.1:${port}/${name}/`,
    close: () =>
      new Promise((done) => {
        server.close(() => done());
        server.closeAllConnections();
      }),
  };
}

/** The page imports the module only when it is called, so that the time of the import can be measured. */
const PAGE = `<!doctype html>
<html lang="en">
  <meta charset="utf-8">
  <title>bench</title>
  <link rel="icon" href="data:,">
  <script>
    window.callEntry = async (name, argument) => {
      const began = performance.now();
      const entry = await import('./entry.js');
      return entry[name](argument, began);
    };
  </script>
</html>`;
