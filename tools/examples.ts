/** The examples: what each shows, and how they are served. */
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { createServer, type InlineConfig, type Plugin, type ViteDevServer } from 'vite';

const root = resolve(import.meta.dirname, '..');

/** The folders of `examples/`, with a line for each. */
export const EXAMPLES = {
  classifier: 'drawings or a camera to classes, with live bars, in 60 lines',
  digits: 'handwritten digits, with early stopping, curves, and a model that the browser keeps',
  spirals: 'a network bends its border around three spirals',
  node: 'training in Node, with curves for TensorBoard and a file (runs in the terminal)',
  worker: 'training in a worker, while the page moves smoothly',
  transfer: 'what was learned on the digits 0 to 4 helps with 5 to 9, by frozen layers',
  'training-step': 'a step of your own: a loss that gives the quantiles of noisy data',
  'custom-op': 'an op of your own in WGSL, with its gradient: a network of sines paints a picture',
  resume: 'a training that a reload of the page does not end, with the same bits',
  gan: 'two networks, one of which paints brain recordings from noise',
} as const;

export type ExampleName = keyof typeof EXAMPLES;

/** The examples that are pages. The other one is a program for Node. */
export const PAGES = (Object.keys(EXAMPLES) as ExampleName[]).filter((name) => name !== 'node');

/** The list that a terminal shows. */
export function listOfExamples(): string {
  const width = Math.max(...Object.keys(EXAMPLES).map(({ length }) => length));
  return Object.entries(EXAMPLES)
    .map(([name, line]) => `  ${name.padEnd(width)}  ${line}`)
    .join('\n');
}

/** Serves the pages of all examples, and the engine's sources to them. The caller closes the server. */
export async function serveExamples(config: InlineConfig = {}): Promise<ViteDevServer> {
  const server = await createServer({
    configFile: join(root, 'vite.config.ts'),
    mode: 'examples',
    ...config,
    plugins: [listAtOtherAddresses(), config.plugins],
  });
  return server.listen();
}

/** Answers who goes to an address without a page by the list of the examples, with links. */
function listAtOtherAddresses(): Plugin {
  return {
    name: 'list-of-examples',
    // What is returned runs behind vite's own search, which has given the addresses of pages the ending .html.
    configureServer: (server) => () => {
      server.middlewares.use((request, response, next) => {
        const path = new URL(request.url!, 'http://examples').pathname;
        if (path.endsWith('.html') && existsSync(join(root, path))) return next();
        if (!request.headers.accept?.includes('text/html')) return next();
        const isAsked = path === '/' || path === '/examples/';
        response.writeHead(isAsked ? 200 : 404, { 'content-type': 'text/html; charset=utf-8' });
        response.end(pageOfExamples(isAsked ? '' : `There is no page at ${path}. These are the examples:`));
      });
    },
  };
}

function pageOfExamples(message: string): string {
  const text = (plain: string) => plain.replace(/[<>&"]/g, (sign) => `&#${sign.codePointAt(0)};`);
  const rows = Object.entries(EXAMPLES).map(([name, line]) => {
    const label = name === 'node' ? name : `<a href="/examples/${name}/">${name}</a>`;
    return `<tr><td>${label}</td><td>${text(line)}</td></tr>`;
  });
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Examples</title>
<link rel="stylesheet" href="/examples/style.css">
<h1>Examples</h1>
<p>${text(message)}</p>
<table>${rows.join('')}</table>
</html>`;
}

/** Where a server has the page of an example. */
export function addressOf(server: ViteDevServer, name: ExampleName): string {
  return new URL(`examples/${name}/`, server.resolvedUrls!.local[0] ?? server.resolvedUrls!.network[0]).href;
}
