/**
 * Every npm script goes through here, so that each of them works in a clean clone: it checks the version of Node,
 * installs the dependencies when they are missing or differ from the lock file, and runs the command.
 * It has no dependencies, because it runs before any are installed.
 */
import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { constants } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const tool = (name) => ['--import', 'tsx', `tools/${name}.ts`];
const COMMANDS = {
  start: tool('start'),
  build: tool('build'),
  test: tool('test'),
  deep: tool('deep'),
  consumers: tool('consumers'),
  train: tool('train'),
  gan: tool('gan'),
  bench: tool('bench'),
  pack: tool('pack'),
  pictures: tool('pictures'),
  check: tool('check'),
  screenshots: tool('screenshots'),
  format: ['node_modules/@biomejs/biome/bin/biome', 'check', '--write', '.'],
  install: ['--version'], // only what comes before the command
};

function main() {
  const [command, ...args] = process.argv.slice(2);
  if (!Object.hasOwn(COMMANDS, command)) fail(`usage: node tools/run.mjs ${Object.keys(COMMANDS).join('|')} [options]`);
  if (!isInstalled()) install();
  if (command !== 'install') run([...COMMANDS[command], ...args]);
}

function fail(message) {
  console.error(message);
  process.exit(1);
}

/** Whether node_modules holds what the lock file says; packages for other platforms are rightly absent. */
function isInstalled() {
  const packages = (path) => JSON.parse(readFileSync(join(root, path), 'utf8')).packages;
  try {
    const installed = packages('node_modules/.package-lock.json');
    return Object.entries(packages('package-lock.json')).every(([path, wanted]) => {
      const got = installed[path];
      return path === '' || (got ? got.version === wanted.version : wanted.optional === true || wanted.peer === true);
    });
  } catch {
    return false;
  }
}

/** `npm ci`, once at a time: a second process waits for the first and then finds everything installed. */
function install() {
  const lock = join(root, '.cache', 'installing');
  mkdirSync(dirname(lock), { recursive: true });
  while (!takeLock(lock)) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 500);
  try {
    if (isInstalled()) return;
    console.error('installing the dependencies (npm ci); this happens once and takes a minute or so');
    // No install script is needed: binaries come as packages. A shell, because npm is a .cmd file on Windows.
    const { status } = spawnSync('npm ci --ignore-scripts --no-fund --no-audit --progress', {
      cwd: root,
      shell: true,
      stdio: 'inherit',
    });
    if (status !== 0) process.exitCode = status || 1;
  } finally {
    rmSync(lock, { force: true });
  }
  if (process.exitCode) fail('npm ci failed: see above');
}

function takeLock(lock) {
  try {
    writeFileSync(lock, String(process.pid), { flag: 'wx' });
    return true;
  } catch {
    try {
      process.kill(Number(readFileSync(lock, 'utf8')) || process.pid, 0); // throws when its owner is gone
    } catch (error) {
      if (error.code !== 'EPERM') rmSync(lock, { force: true });
    }
    return false;
  }
}

/** Runs Node, and ends as it ends. */
function run(args) {
  const child = spawn(process.execPath, args, { cwd: root, stdio: 'inherit' });
  process.on('SIGINT', () => {}); // the terminal sends Ctrl-C to the child as well, which decides
  for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('exit', (code, signal) => process.exit(code ?? 128 + constants.signals[signal]));
}

const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 20 || major === 21 || (major === 20 && minor < 19) || (major === 22 && minor < 12))
  fail(`neurite's tools need Node 20.19 or later of 20, or 22.12 or later; this is ${process.version}`);
main();
