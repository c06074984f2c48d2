/** Builds the site and serves it as its visitors get it, from a folder of a server. For tests and screenshots. */
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, resolve } from 'node:path';
import { build } from 'vite';

const root = resolve(import.meta.dirname, '..');

const TYPES: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
};

/** The site works from any path. */
const SITE = '/some/where/';
/** The same files, but pages and workers find no WebGPU. */
const WITHOUT_GPU = '/without-gpu/';
/**
 * The same files, but pages and workers find no private file system: as over http, and as in private windows, where asking
 * for it fails.
 */
const WITHOUT_FILES = '/without-files/';
const FAILING_FILES = '/failing-files/';

/** Code that each module runs first; it may run several times. */
const BEFORE: Record<string, string> = {
  [WITHOUT_GPU]: "Object.defineProperty(navigator, 'gpu', { value: undefined });",
  [WITHOUT_FILES]: 'StorageManager.prototype.getDirectory = undefined;',
  [FAILING_FILES]:
    "StorageManager.prototype.getDirectory = () => Promise.reject(new DOMException('no', 'SecurityError'));",
};

/** The same files, with the headers that docs/page-hosting.md advises. */
const WITH_HEADERS = '/with-headers/';

/**
 * Headers that only a server can set: which pages may put this one into a frame, and the worker's content security
 * policy, because a worker does not inherit that of its page.
 */
export const HEADERS = {
  '.html': { 'content-security-policy': "frame-ancestors 'none'", 'x-content-type-options': 'nosniff' },
  '.js': { 'content-security-policy': "default-src 'none'; script-src 'self'", 'x-content-type-options': 'nosniff' },
} as const;

export interface ServedSite {
  readonly origin: string;
  /** Address of the folder with the pages. */
  readonly url: string;
  /** The same, as a browser without WebGPU sees it. */
  readonly urlWithoutGpu: string;
  /** The same without a private file system, and with one that always fails. */
  readonly urlsWithoutFiles: readonly string[];
  /** The same on a server that sends HEADERS. */
  readonly urlWithHeaders: string;
  close(): void;
}

/** Builds the site into a folder. */
export async function buildSite(folder: string): Promise<void> {
  // Under vitest it is `test`, for which vite compiles JSX with the names of files and lines in it: other code than visitors get.
  const { NODE_ENV } = process.env;
  process.env.NODE_ENV = 'production';
  try {
    await build({
      configFile: join(root, 'vite.config.ts'),
      mode: 'site',
      logLevel: 'error',
      build: { outDir: folder, emptyOutDir: true },
    });
  } finally {
    process.env.NODE_ENV = NODE_ENV;
  }
}

/** Serves a built site on this machine. */
export async function serveSite(folder: string): Promise<ServedSite> {
  const server = createServer(async (request, response) => {
    const path = decodeURIComponent(new URL(request.url!, 'http://localhost').pathname);
    const base = [SITE, WITH_HEADERS, ...Object.keys(BEFORE)].find((prefix) => path.startsWith(prefix));
    const file = join(folder, (base && path.slice(base.length)) || 'index.html');
    try {
      if (!base || !file.startsWith(folder)) throw new Error('outside of the site');
      const bytes = await readFile(file);
      response.setHeader('content-type', TYPES[extname(file)] ?? 'application/octet-stream');
      const headers = base === WITH_HEADERS ? HEADERS[extname(file) as keyof typeof HEADERS] : undefined;
      for (const [name, value] of Object.entries(headers ?? {})) response.setHeader(name, value);
      if (/assets\/.*\.js$/.test(file)) response.write(BEFORE[base] ?? '');
      response.end(bytes);
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    origin,
    url: origin + SITE,
    urlWithoutGpu: origin + WITHOUT_GPU,
    urlsWithoutFiles: [origin + WITHOUT_FILES, origin + FAILING_FILES],
    urlWithHeaders: origin + WITH_HEADERS,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}
