/** Before all tests of the page: a folder for what `builtPage` builds, and after them its end. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';

export default function setup({ provide }: TestProject): () => void {
  const folder = mkdtempSync(join(tmpdir(), 'neurite-page-'));
  provide('builtPages', folder);
  return () => rmSync(folder, { recursive: true, force: true });
}
