/** Projects of users: each in a folder of its own, with what npm installs there, the packed package among it. */
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { run } from '../packed.ts';

const here = import.meta.dirname;

/** What the package is tried with, each in one version. */
export const VERSIONS: Readonly<Record<string, string>> = JSON.parse(
  readFileSync(join(here, 'package.json'), 'utf8'),
).dependencies;

/**
 * Makes a project and installs its dependencies.
 * @param files a folder beside this file, whose files the project gets
 * @param dependencies names out of `VERSIONS`
 * @returns its folder
 */
export function makeProject(work: string, files: string, packed: string, dependencies: readonly string[]): string {
  const folder = join(work, files);
  cpSync(join(here, files), folder, { recursive: true });
  const module = readFileSync(join(here, 'train.mjs'), 'utf8');
  const script = module.replace('export async function', 'async function');
  const remote = readFileSync(join(here, 'trainRemote.mjs'), 'utf8');
  const texts = {
    'trainRemote.mjs': remote,
    'train.mjs': module,
    'train.cjs': `${script}\nexports.train = train;\n`,
    'train.js': script,
  };
  for (const [name, text] of Object.entries(texts)) writeFileSync(join(folder, name), text);
  install(folder, {
    neurite: `file:${packed}`,
    ...Object.fromEntries(dependencies.map((name) => [name, VERSIONS[name]!])),
  });
  return folder;
}

/** Installs packages into a folder. */
export function install(folder: string, dependencies: Readonly<Record<string, string>>): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ private: true, dependencies }, null, 2));
  run('npm', ['install', '--ignore-scripts', '--no-audit', '--no-fund'], folder);
}
