/** Runs the engine's benchmark in a page. */
import { requestDevice } from 'neurite';
import { type EngineOptions, type EngineReport, runEngineBench } from '../engine.ts';

/** Set by Node: prints a line. */
declare function reportToNode(line: string): void;

export async function run(options: EngineOptions): Promise<EngineReport> {
  const device = await requestDevice();
  try {
    return await runEngineBench(device, options, reportToNode);
  } finally {
    device.destroy();
  }
}

/** The adapter that all libraries get. */
export async function describe(): Promise<string> {
  const device = await requestDevice();
  device.destroy();
  return device.description;
}
