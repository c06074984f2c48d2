/** Debian packages without root: downloaded by apt, which checks their signatures, and unpacked into a folder. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Log } from './installed.ts';

/** Packages that cannot be replaced for a single program. */
const NEVER_UNPACKED = /^(libc6|libc-bin)_/;

/**
 * Puts a package and those of its dependencies that the system lacks into `folder`. They are unpacked in a folder of this
 * process' own and renamed into place, so that two processes may both try.
 * @throws Error if this is no Debian, apt reaches no server, or it does not know the package
 */
export function installFromDebian(name: string, folder: string, log: Log): void {
  const work = `${folder}-installing-${process.pid}`;
  const [lists, archives] = [join(work, 'lists'), join(work, 'archives')];
  const apt = (...args: string[]) =>
    run('apt-get', [
      ...['-qq', '-y', '-o', 'Debug::NoLocking=true', '-o', 'APT::Sandbox::User='],
      // The system's own lists may be absent, as they are in containers, or old.
      ...['-o', `Dir::State::lists=${lists}`, '-o', `Dir::Cache=${work}`, '-o', `Dir::Cache::archives=${archives}`],
      ...args,
    ]);
  try {
    for (const path of [lists, archives]) mkdirSync(join(path, 'partial'), { recursive: true });
    log(`installing Debian's package ${name} into .browser/, as no Firefox was found`);
    apt('update');
    apt('install', '--no-install-recommends', '--download-only', name);
    const files = readdirSync(archives).filter((file) => file.endsWith('.deb') && !NEVER_UNPACKED.test(file));
    for (const file of files) run('dpkg-deb', ['-x', join(archives, file), join(work, 'root')]);
    rmSync(folder, { recursive: true, force: true });
    renameSync(join(work, 'root'), folder);
    log(`${basename(folder)} is ready`);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** The folders of libraries that were unpacked into a folder, for LD_LIBRARY_PATH. */
export function libraryFolders(folder: string): string[] {
  return ['usr/lib', 'lib'].flatMap((lib) => {
    const path = join(folder, lib);
    const multiarch = existsSync(path) ? readdirSync(path).filter((name) => name.endsWith('-linux-gnu')) : [];
    return multiarch.map((name) => join(path, name));
  });
}

function run(command: string, args: string[]): void {
  try {
    execFileSync(command, args, { stdio: 'pipe', encoding: 'utf8', timeout: 300_000 });
  } catch (error) {
    const { code, stderr } = error as { code?: string; stderr?: string };
    throw new Error(code === 'ENOENT' ? `there is no ${command}` : stderr || String(error));
  }
}
