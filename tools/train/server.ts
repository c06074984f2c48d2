/** The server of the training page: it sends the page its data and receives its results. */
import { createReadStream, existsSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { basename, join, resolve } from 'node:path';
import { createServer, type Plugin, type ViteDevServer } from 'vite';
import { DATA_PATH, UPLOAD_PATH } from './protocol.ts';

const root = resolve(import.meta.dirname, '../..');

export interface PageServer {
  /** Ends with a slash. */
  readonly url: string;
  /** The files that the page has uploaded under UPLOAD_PATH. */
  readonly uploads: ReadonlyMap<string, Buffer>;
  close(): Promise<void>;
}

/** Serves tools/train/page/, with the engine as `neurite`, and the files of a data folder. */
export async function servePage(dataFolder: string | undefined): Promise<PageServer> {
  const uploads = new Map<string, Buffer>();
  const server: ViteDevServer = await createServer({
    configFile: join(root, 'vite.config.ts'),
    mode: 'site',
    root: join(import.meta.dirname, 'page'),
    cacheDir: join(root, '.cache', 'vite-train'),
    logLevel: 'error',
    plugins: [fileTransfer(dataFolder, uploads)],
    // Nothing may reload the page during a run: neither an edited source nor a dependency that is met late.
    optimizeDeps: { noDiscovery: true, include: [] },
    server: { host: '127.0.0.1', port: 0, strictPort: false, hmr: false, watch: null },
  });
  await server.listen();
  const { port } = server.httpServer!.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}/`, uploads, close: () => server.close() };
}

/** Sends data files to the page unchanged, and receives the page's files. */
function fileTransfer(dataFolder: string | undefined, uploads: Map<string, Buffer>): Plugin {
  const handle = (request: IncomingMessage, response: ServerResponse, next: () => void) => {
    const path = request.url?.split('?')[0] ?? '';
    if (path.startsWith(DATA_PATH)) sendFile(response, dataFolder && join(dataFolder, basename(path)));
    else if (path.startsWith(UPLOAD_PATH) && request.method === 'POST') {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        uploads.set(basename(path), Buffer.concat(chunks));
        response.writeHead(204).end();
      });
    } else next();
  };
  return {
    name: 'train-files',
    configureServer(server) {
      server.middlewares.use(handle);
    },
  };
}

function sendFile(response: ServerResponse, file: string | undefined): void {
  if (!file || !existsSync(file)) {
    response.writeHead(404).end();
    return;
  }
  // Not `content-encoding: gzip`, which the browser would undo: the page reads the course's format itself.
  response.setHeader('content-type', 'application/octet-stream');
  createReadStream(file)
    .on('error', (error) => response.destroy(error))
    .pipe(response);
}
