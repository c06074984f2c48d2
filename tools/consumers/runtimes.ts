/** Node, Bun and Deno, each by `import` and by `require`. */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { swiftShader, swiftShaderFolders } from '../node/chromium.ts';
import { type Consumer, NotHere, type Place } from './consumers.ts';
import { install, makeProject, VERSIONS } from './project.ts';

const { platform, arch } = process;
const RUN_MS = 180_000;

interface Runtime {
  readonly name: string;
  /** What npm installs, where it is not there already. */
  readonly dependencies: Readonly<Record<string, string>>;
  /** The command, from the folder where that was installed. */
  command(folder: string): string[];
}

/** Node of another version, as a package of binaries for this machine. */
function nodeOf(name: 'node-20' | 'node-22'): Runtime {
  const spec = VERSIONS[name]!.replace('linux-x64', `${platform === 'win32' ? 'win' : platform}-${arch}`);
  return {
    name: `Node ${spec.split('@')[1]}`,
    dependencies: { [name]: spec },
    command: (folder) => [executable(join(folder, 'node_modules', name), 'node')],
  };
}

const RUNTIMES: readonly Runtime[] = [
  { name: `Node ${process.versions.node}`, dependencies: {}, command: () => [process.execPath] },
  nodeOf('node-20'),
  nodeOf('node-22'),
  {
    name: `Bun ${VERSIONS.bun}`,
    dependencies: { bun: VERSIONS.bun! },
    command: (folder) => [executable(join(folder, 'node_modules/@oven'), 'bun')],
  },
  {
    name: `Deno ${VERSIONS.deno}`,
    dependencies: { deno: VERSIONS.deno! },
    command: (folder) => [executable(join(folder, 'node_modules/@deno'), 'deno'), 'run', '--allow-all'],
  },
];

/** Packages keep their binary for this machine in a package of its own; no install script moves it. */
function executable(folder: string, name: string): string {
  const file = platform === 'win32' ? `${name}.exe` : name;
  const found = existsSync(folder)
    ? readdirSync(folder, { recursive: true, encoding: 'utf8' }).find((path) => path.split(/[\\/]/).pop() === file)
    : undefined;
  if (found === undefined) throw new NotHere(`no ${file} for ${platform} on ${arch}`);
  return join(folder, found);
}

/** Without a GPU all compute on SwiftShader, if there is one. */
function environment(): NodeJS.ProcessEnv {
  const [folder] = swiftShaderFolders();
  if (!folder || process.env.VK_DRIVER_FILES) return process.env;
  const libraries = [folder, process.env.LD_LIBRARY_PATH].filter(Boolean).join(delimiter);
  return { ...process.env, VK_DRIVER_FILES: swiftShader(), LD_LIBRARY_PATH: libraries };
}

export function runtimes(): Consumer[] {
  let project: string | undefined;
  const commands = new Map<Runtime, string[]>();
  const commandOf = (runtime: Runtime, work: string) => {
    const folder = join(work, 'runtimes', runtime.name.replace(' ', '-').toLowerCase());
    if (Object.keys(runtime.dependencies).length > 0) {
      try {
        install(folder, runtime.dependencies);
      } catch (error) {
        throw new NotHere((error as Error).message);
      }
    }
    return runtime.command(folder);
  };
  return RUNTIMES.flatMap((runtime) =>
    ['import.mjs', 'require.cjs'].map((file) => ({
      name: `${runtime.name}, ${file.split('.')[0]}`,
      trial: async ({ work, packed }: Place) => {
        project ??= makeProject(work, 'runtime', packed, ['webgpu']);
        const [command, ...args] = commands.get(runtime) ?? commandOf(runtime, work);
        commands.set(runtime, [command!, ...args]);
        const options = { cwd: project, env: environment(), encoding: 'utf8', timeout: RUN_MS } as const;
        const { status, stdout, stderr } = spawnSync(command!, [...args, file], options);
        return status === 0 ? stdout.trim() : `error: status ${status} ${stdout}${stderr}`;
      },
    })),
  );
}
