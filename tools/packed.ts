/** Builds and packs the package as `npm pack` does, in a folder of its own, so that two processes may do it at once. */
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '..');

export interface Packed {
  /** The archive that `npm install` takes. */
  readonly file: string;
  /** What it holds, paths from the package's folder. */
  readonly paths: readonly string[];
  /** Of the archive. */
  readonly bytes: number;
}

/** @param folder an empty one, which then holds the archive, and the files that were packed */
export function packInto(folder: string): Packed {
  const copy = join(folder, 'packed');
  const tracked = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
    cwd: root,
    encoding: 'utf8',
  });
  for (const path of tracked.split('\0')) {
    if (!path || !existsSync(join(root, path))) continue;
    mkdirSync(dirname(join(copy, path)), { recursive: true });
    cpSync(join(root, path), join(copy, path));
  }
  run(process.execPath, ['--import', 'tsx', 'tools/build.ts', '--library', '--out', join(copy, 'dist')], root);
  // Without the script that builds, as that is done.
  const [{ filename, files, size }] = JSON.parse(
    run('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', '..'], copy),
  );
  const paths = (files as { path: string }[]).map(({ path }) => path);
  return { file: join(folder, filename), paths, bytes: size };
}

/** Runs a command, and fails with what it says. @param env variables besides this process' own @returns what it prints */
export function run(command: string, args: readonly string[], cwd: string, env: Record<string, string> = {}): string {
  // npm is a .cmd file on Windows, which only a shell runs.
  const shell = command === 'npm';
  const options = { cwd, shell, env: { ...process.env, ...env }, encoding: 'utf8', maxBuffer: 1e8 } as const;
  const { status, stdout, stderr } = spawnSync(command, args, options);
  if (status === 0) return stdout;
  throw new Error(`${[command, ...args].join(' ')} ended with status ${status}\n${stdout}${stderr}`);
}
