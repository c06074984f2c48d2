/** `npm start`: serves the site, or an example of `examples/`, as it is changed. The example for Node runs in the terminal. */
import { join, resolve } from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import { createServer, type ServerOptions } from 'vite';
import { strict } from './commandLine.ts';
import { addressOf, EXAMPLES, type ExampleName, listOfExamples, serveExamples } from './examples.ts';
import { runExampleInNode } from './node/example.ts';

const root = resolve(import.meta.dirname, '..');

const command = strict(new Command('npm start --'))
  .description('Serves the site on this machine, or one of the examples, and prints the address.')
  .argument('[example]', 'its folder', exampleOf)
  .argument('[folder]', 'where the example for Node puts its files')
  .option('--port <number>', 'the port to serve on; the next free one where it is taken', portOf)
  .option('--host <name>', 'the name or address to serve on')
  .option('--open', 'open the page in the browser')
  .addHelpText('after', `\nExamples:\n${listOfExamples()}`)
  .allowExcessArguments(false)
  .parse();

const [example, folder] = command.processedArgs as [ExampleName | undefined, string | undefined];
if (folder !== undefined && example !== 'node') command.error('error: only the example for Node takes a folder');
const { open, ...address } = command.opts<Pick<ServerOptions, 'port' | 'host'> & { open?: true }>();

if (example === 'node') process.exitCode = await runExampleInNode(folder ? [folder] : []);
else await serve();

async function serve(): Promise<void> {
  const path = example ? `/examples/${example}/` : true;
  const config = { server: { ...address, ...(open ? { open: path } : {}) } };
  if (example) {
    const server = await serveExamples(config);
    console.log(`${example}: ${EXAMPLES[example]}\n${addressOf(server, example)}`);
    server.bindCLIShortcuts();
  } else {
    const server = await createServer({ configFile: join(root, 'vite.config.ts'), ...config });
    await server.listen();
    server.printUrls();
    server.bindCLIShortcuts({ print: true });
  }
}

function exampleOf(text: string): ExampleName {
  if (Object.hasOwn(EXAMPLES, text)) return text as ExampleName;
  throw new InvalidArgumentError('There is no such example.');
}

function portOf(text: string): number {
  const port = Number(text);
  if (text.trim() !== '' && Number.isInteger(port) && port >= 0 && port < 65536) return port;
  throw new InvalidArgumentError('It is an integer from 0 to 65535.');
}
