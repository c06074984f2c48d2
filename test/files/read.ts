/** Reads the file that is named on the command line, and prints as JSON what came of it and what it cost. */
import { readFileSync } from 'node:fs';
import { readBrainImages } from '../../src/brain/files.ts';
import { readSafetensors } from '../../src/io/safetensors.ts';
import { cpuTime, peakMemory } from '../support/effort.ts';

export interface Reading {
  /** Name of the error; empty where there was none. */
  readonly error: string;
  readonly text: string;
  /** Of the CPU. */
  readonly milliseconds: number;
  /** Growth of the process's resident memory at its highest. */
  readonly peakBytes: number;
}

const path = process.argv[2]!;
const before = peakMemory();
const time = cpuTime();
let [error, text] = ['', ''];
try {
  if (path.endsWith('.gz')) await readBrainImages(path);
  else readSafetensors(readFileSync(path));
} catch (thrown) {
  ({ name: error, message: text } = thrown as Error);
}
const reading: Reading = { error, text, milliseconds: time(), peakBytes: peakMemory() - before };
console.log(JSON.stringify(reading));
