/**
 * Runs the engine's benchmark under Node, without a browser, in a folder made by `npm run bench:pack`. It prints the
 * GPU and the results, and writes them as JSON.
 */
import fs from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { NeuriteError, requestDevice } from 'neurite';
import { replaceFiles } from '../src/runtime/replaceFiles.ts';
import { findGpu, NoGpuError } from '../tools/node/gpu.ts';
import { runEngineBench } from './engine.ts';

const HELP = `usage: bench.sh [--quick] [--json FILE]
  --quick      batch 32 and few kernels; within a minute on two CPU cores
  --json FILE  where the results go (default: neurite-bench.json)
VK_DRIVER_FILES names the manifest of a Vulkan driver other than the system's.`;

function parse() {
  const { values } = parseArgs({
    options: {
      quick: { type: 'boolean', default: false },
      json: { type: 'string', default: 'neurite-bench.json' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  return values;
}

/** @returns the exit code: 1 if a result is wrong */
async function bench(quick: boolean, json: string): Promise<number> {
  const here = dirname(fileURLToPath(import.meta.url));
  const { gpu, driver } = await findGpu({ loaders: [join(here, 'libvulkan.so.1')] });
  const device = await requestDevice({ gpu });
  try {
    console.log(`driver: ${driver}; Node ${process.versions.node}`);
    const results = await runEngineBench(device, { quick }, (line) => console.log(line));
    const text = `${JSON.stringify({ driver, node: process.version, ...results }, undefined, 2)}\n`;
    await replaceFiles(fs, [[json, text]]);
    console.log(`wrote ${resolve(json)}`);
    return results.steps.some(({ wrong }) => wrong) ? 1 : 0;
  } finally {
    device.destroy();
  }
}

async function main(): Promise<number> {
  let options: ReturnType<typeof parse>;
  try {
    options = parse();
  } catch (error) {
    console.error(`error: ${(error as Error).message}\n${HELP}`);
    return 2;
  }
  if (options.help) {
    console.log(HELP);
    return 0;
  }
  try {
    return await bench(options.quick, options.json);
  } catch (error) {
    const known = error instanceof NoGpuError || error instanceof NeuriteError;
    console.error(known ? `error: ${error.message}` : error);
    return 1;
  }
}

process.exitCode = await main();
