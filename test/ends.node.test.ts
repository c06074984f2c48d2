/** A test process that ends: it is reported with its file, exit code and signal, and the files that are left are run. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { BaseSequencer, createVitest, type TestSpecification } from 'vitest/node';
import { Asked, outcomes } from '../tools/outcomes.ts';
import { watchedForks } from '../tools/vitest-forks.ts';

const folder = mkdtempSync(join(tmpdir(), 'neurite-ends-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Ends the process once in the life of a folder, or whenever it is run. */
const once = (end: string) => `
  const { existsSync, writeFileSync } = await import('node:fs');
  const mark = import.meta.filename + '.ended';
  if (!existsSync(mark)) { writeFileSync(mark, ''); ${end} }`;
const KILLED = "process.kill(process.pid, 'SIGSEGV'); await new Promise(() => {});";
const LEFT = 'process.reallyExit(3);';
/** Waits until the results of earlier tests are reported. */
const UNTIL_REPORTED = 'await new Promise((resolve) => setTimeout(resolve, 500));';

const fine = (name: string) => `test('${name}', () => {});`;
const ending = (end: string) =>
  `test('before', () => {}); test('ends', async () => { ${UNTIL_REPORTED} ${end} }); test('after', () => {});`;

/** Runs files in one process, in the order of their names. */
async function run(files: Record<string, string>, settings: { isolate?: boolean; pool?: 'forks' } = {}) {
  const root = mkdtempSync(join(folder, 'run-'));
  for (const [file, code] of Object.entries(files)) writeFileSync(join(root, `${file}.test.js`), code);
  class ByName extends BaseSequencer {
    override async sort(files: TestSpecification[]) {
      return files.sort((p, q) => (p.moduleId < q.moduleId ? -1 : 1));
    }
  }
  const asked = new Asked();
  const before = process.exitCode;
  const vitest = await createVitest('test', {
    ...{ root, config: false, watch: false, globals: true, name: 'planted', include: ['*.test.js'] },
    ...{ reporters: [asked.reporter], fileParallelism: false, sequence: { sequencer: ByName } },
    ...{ pool: watchedForks, isolate: false, ...settings },
  });
  try {
    await vitest.start();
    return outcomes(vitest, asked);
  } finally {
    await vitest.close();
    process.exitCode = before; // vitest's own
  }
}

const ended = (how: string, file: string, next: string) =>
  `failed outside of all tests: the process of planted ended with ${how} while ${file}.test.js was under way. ${next}`;
const GIVEN_UP =
  'It is the second process that this file has ended: it is given up. Another process runs what is left,';

test.each([
  ['a signal', KILLED, 'signal SIGSEGV'],
  ['an exit', LEFT, 'exit code 3'],
  ['an abort', 'process.abort();', 'signal SIGABRT'],
])('%s, once: one failure, and all tests are run', async (_, end, how) => {
  const files = { a: fine('a'), b: ending(once(end)), c: fine('c'), d: fine('d') };
  const { passed, failures } = await run(files);
  expect(failures).toEqual([ended(how, 'b', 'Another process runs what is left, 3 of 4 files, this one first.')]);
  expect(passed).toBe(6);
});

test('a file that ends each process is given up, and counts; those after it are run', async () => {
  const { passed, failures } = await run({
    a: fine('a'),
    b: ending(KILLED),
    c: fine('c'),
    d: `${UNTIL_REPORTED} ${LEFT}`,
  });
  expect(passed).toBe(3); // one of b, before the one that ends it
  expect(failures).toEqual([
    'failed planted b.test.js: it did not come to its end',
    'failed planted d.test.js: it did not come to its end',
    ended('signal SIGSEGV', 'b', 'Another process runs what is left, 3 of 4 files, this one first.'),
    ended('signal SIGSEGV', 'b', `${GIVEN_UP} 2 of 4 files.`),
    ended('exit code 3', 'd', 'Another process runs what is left, 1 of 4 files, this one first.'),
    ended('exit code 3', 'd', `${GIVEN_UP} 0 of 4 files.`),
  ]);
});

test('where each file has a process of its own, too', async () => {
  const files = { a: fine('a'), b: ending(once(KILLED)), c: fine('c') };
  const { passed, failures } = await run(files, { isolate: true });
  expect(passed).toBe(5);
  expect(failures).toEqual([
    ended('signal SIGSEGV', 'b', 'Another process runs what is left, 1 of 1 files, this one first.'),
  ]);
});

test('files that whatever runs them has lost count as failures', async () => {
  const files = { a: fine('a'), b: ending(KILLED), c: fine('c'), d: fine('d') };
  const { passed, failures } = await run(files, { pool: 'forks' });
  expect(passed).toBe(2);
  expect(failures).toEqual([
    'failed planted b.test.js: it did not come to its end',
    'failed planted c.test.js: it was not run',
    'failed planted d.test.js: it was not run',
    expect.stringMatching(/^failed outside of all tests: .*Worker forks emitted error/),
  ]);
});

test('a file whose end was not reported before the process ended is run again', async () => {
  const { passed, failures } = await run({ a: fine('a'), b: fine('b'), c: once(LEFT) + fine('c') });
  expect(passed).toBe(3);
  expect(failures).toEqual([expect.stringMatching(/ended with exit code 3 while c\.test\.js was under way/)]);
});
