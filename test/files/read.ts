/** Reads the file that is named on the command line, and prints as JSON what came of it and what it cost. */
import { readFileSync } from 'node:fs';
import { readBrainImages } from '../../src/data/brain.ts';
import { readSafetensors } from '../../src/io/safetensors.ts';

export interface Reading {
  /** Name of the error; empty where there was none. */
  readonly error: string;
  readonly text: string;
  readonly milliseconds: number;
  /** Growth of the process's resident memory at its highest. */
  readonly peakBytes: number;
}

/** Highest resident memory so far, in bytes. */
const peak = () => process.resourceUsage().maxRSS * 1024;

const path = process.argv[2]!;
const before = peak();
const start = performance.now();
let [error, text] = ['', ''];
try {
  if (path.endsWith('.gz')) await readBrainImages(path);
  else readSafetensors(readFileSync(path));
} catch (thrown) {
  ({ name: error, message: text } = thrown as Error);
}
const reading: Reading = { error, text, milliseconds: performance.now() - start, peakBytes: peak() - before };
console.log(JSON.stringify(reading));
