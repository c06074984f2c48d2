/**
 * The documentation as a site: README and docs/ as pages, and beside them the API from the docstrings, made by TypeDoc.
 * It works from any folder of any server, can be searched, and asks no other host. `npm run build` makes it.
 */
import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '..');
const own = join(root, 'tools/docs');
const work = join(root, '.cache/docs');

/** The pages in the order of the site, by what a reader wants. */
export const DOC_GROUPS: Readonly<Record<string, readonly string[]>> = {
  'To use it': [
    ...[
      'guide',
      'installing',
      'web-page',
      'streaming',
      'worker',
      'examples',
      'ops',
      'keras',
      'tensorflow',
      'browsers',
      'recovery',
      'non-finite',
      'memory',
      'precision',
      'reproducibility',
    ],
    ...['charts', 'tensorboard', 'page-hosting', 'brain-task'],
  ].map((name) => `docs/${name}.md`),
  'To judge it': ['docs/accuracy.md', 'docs/benchmarks.md', 'bench/README.md', 'CHANGELOG.md'],
  'To change it': ['CONTRIBUTING.md', 'docs/architecture.md', 'docs/contributing.md', 'docs/testing.md'],
};

/** Builds the site into a folder, which is replaced. @throws Error with what TypeDoc says, also if a link leads nowhere */
export function buildDocs(out: string): void {
  const typedoc = install();
  const pages = join(work, 'pages');
  rmSync(pages, { recursive: true, force: true });
  write(pages, 'README.md', withoutSourceLinks(readFileSync(join(root, 'README.md'), 'utf8').replace(/^# .+\n/, '')));
  for (const [group, paths] of Object.entries(DOC_GROUPS)) {
    for (const path of paths) write(pages, path, pageOf(readFileSync(join(root, path), 'utf8'), group));
  }
  for (const picture of ['demo/screenshot.png', 'demo/fakes/beside.png']) {
    write(pages, picture, readFileSync(join(root, picture)));
  }
  const documents = Object.values(DOC_GROUPS).flat();
  run(process.execPath, [
    ...[typedoc, '--options', join(own, 'typedoc.json'), '--out', out, '--readme', join(pages, 'README.md')],
    ...documents.flatMap((path) => ['--projectDocuments', join(pages, path)]),
  ]);
}

/**
 * TypeDoc's command. It is a package of its own, since it reads programs with a TypeScript that is older than the
 * engine's.
 */
function install(): string {
  const files = ['package.json', '.npmrc', 'package-lock.json'];
  const installed = join(work, 'node_modules/.installed');
  const lock = readFileSync(join(own, 'package-lock.json'), 'utf8');
  if (!existsSync(installed) || readFileSync(installed, 'utf8') !== lock) {
    console.log('installing TypeDoc');
    mkdirSync(work, { recursive: true });
    for (const file of files) copyFileSync(join(own, file), join(work, file));
    run('npm', ['ci', '--ignore-scripts'], work);
    writeFileSync(installed, lock); // last: an install that was cut off is done again
  }
  return join(work, 'node_modules/typedoc/bin/typedoc');
}

/** A page for TypeDoc, which takes title and group from such a head. */
function pageOf(text: string, group: string): string {
  const title = /^# (.+)$/m.exec(text)![1];
  return `---\ntitle: ${JSON.stringify(title)}\ngroup: ${JSON.stringify(group)}\n---\n\n${withoutSourceLinks(text)}`;
}

/** Links to pages, headings, pictures and the web stay; sources are not part of the site. */
function withoutSourceLinks(text: string): string {
  return text.replace(/(?<!!)\[([^\]]+)\]\(([^)#\s]+)\)/g, (link, label: string, target: string) =>
    /^https?:|\.md$/.test(target) ? link : label,
  );
}

function write(folder: string, path: string, content: string | Buffer): void {
  const file = join(folder, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, content);
}

/** Runs a command; what it prints is shown only where it fails. */
function run(command: string, args: readonly string[], cwd = root): void {
  try {
    // npm is a .cmd file on Windows, which takes a shell.
    execFileSync(command, args, { cwd, shell: command === 'npm', stdio: 'pipe', encoding: 'utf8' });
  } catch (error) {
    const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string };
    throw new Error(`${command} failed\n${stdout}${stderr}`, { cause: error });
  }
}
