/** `npm start` with examples: what it serves and says. And what each example says where there is no WebGPU. */
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { EXAMPLES, PAGES } from '../../tools/examples.ts';
import { ownErrors } from '../support/process.ts';
import { servedExamples } from './examples.ts';

const root = resolve(import.meta.dirname, '../..');
const start = (...args: string[]) =>
  spawnSync(process.execPath, ['tools/run.mjs', 'start', ...args], { cwd: root, encoding: 'utf8' });

const WITHOUT_GPU = "Object.defineProperty(navigator, 'gpu', { value: undefined });";

const examples = servedExamples({
  plugins: [
    {
      name: 'without-webgpu',
      transform: (code, id) => (/src\/worker\/start\.ts/.test(id) ? WITHOUT_GPU + code : undefined),
      transformIndexHtml: {
        order: 'pre',
        handler: (html) => html.replace('<title>', `<script>${WITHOUT_GPU}</script>$&`),
      },
    },
  ],
});

test('each folder is in the list and in the documents, with its line', () => {
  const folders = readdirSync(join(root, 'examples'), { withFileTypes: true }).filter((entry) => entry.isDirectory());
  expect(folders.map(({ name }) => name).sort()).toEqual([...Object.keys(EXAMPLES), 'shared'].sort());
  const rows = [...readFileSync(join(root, 'docs/examples.md'), 'utf8').matchAll(/^\| \[`([\w-]+)`\]\(.*?\) \|/gm)];
  expect(rows.map(([, name]) => name)).toEqual(Object.keys(EXAMPLES));
});

test.each(PAGES)('%s says which browsers have WebGPU where there is none', async (name) => {
  const page = await examples.browser.newPage();
  await page.goto(examples.addressOf(name));
  const status = () => page.$eval('#status', ({ textContent }) => textContent);
  await expect.poll(status).toMatch(/no WebGPU .*Use Chrome/);
});

test('a name that is no example: exit code 2, and one line for each that is', () => {
  const { status, stdout, stderr } = start('nonsense');
  expect(status).toBe(2);
  expect(stdout).toBe('');
  for (const [name, line] of Object.entries(EXAMPLES)) {
    const lines = stderr.match(new RegExp(`^ +${name} +${line.replace(/[()]/g, '\\$&')}$`, 'gm'));
    expect(lines, name).toHaveLength(1);
  }
  expect(start('spirals', 'a-folder').status).toBe(2);
  expect(start('spirals', '--port', 'x').status).toBe(2);
});

test('an address without a page: the list of the examples, each with its page', async () => {
  const page = await examples.browser.newPage();
  const at = (path: string) => new URL(path, examples.addressOf('digits')).href;
  for (const [path, status] of [
    ['/nonsense', 404],
    ['/examples/nonsense.html?a=1', 404],
    ['/<b>', 404],
    ['/', 200],
    ['/examples/', 200],
  ] as const) {
    const response = (await page.goto(at(path)))!;
    expect(response.status(), path).toBe(status);
    const said = await page.$eval('p', ({ textContent }) => textContent);
    const { pathname } = new URL(at(path));
    expect(said).toBe(status === 404 ? `There is no page at ${pathname}. These are the examples:` : '');
    const links = await page.$$eval('a', (all) => all.map(({ href }) => href));
    expect(links).toEqual(PAGES.map(examples.addressOf));
  }
  await page.click('a');
  await expect.poll(() => page.title()).toBe('A classifier of your own');
  expect((await fetch(at('/nonsense.js'))).status).toBe(404);
  expect(await (await fetch(at('/nonsense.js'))).text()).toBe('');
});

test('an example is served, with its address', async () => {
  const child = spawn(process.execPath, ['tools/run.mjs', 'start', 'spirals', '--port', '0'], { cwd: root });
  try {
    let said = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (said += text));
    await expect.poll(() => said).toMatch(/^http.*\/$/m);
    expect(said).toMatch(/^spirals: a network bends its border/);
    const response = await fetch(/^http.*$/m.exec(said)![0]);
    expect(await response.text()).toContain('<title>Spirals</title>');
  } finally {
    child.kill();
  }
  for (const end = Date.now() + 20_000; child.exitCode === null && child.signalCode === null; await sleep(50)) {
    expect(Date.now(), 'it goes on after a SIGTERM').toBeLessThan(end);
  }
});

test('the example for Node trains in the terminal, and leaves curves and a model', () => {
  const folder = mkdtempSync(join(tmpdir(), 'neurite-example-'));
  try {
    const { status, stdout, stderr } = start('node', folder);
    expect(ownErrors(stderr)).toBe('');
    expect(status).toBe(0);
    const parts = [...stdout.matchAll(/^epoch \d+: loss \S+, ([\d.]+) % of unseen/gm)].map(([, part]) => Number(part));
    expect(parts.length).toBeLessThan(30); // stopped early
    expect(Math.max(...parts)).toBeGreaterThanOrEqual(85);
    const right = [...stdout.matchAll(/^a (\d) is called a (\d), with/gm)].filter(
      ([, digit, called]) => digit === called,
    );
    expect(right.length).toBeGreaterThanOrEqual(8);
    expect(readdirSync(folder).sort()).toEqual(['digits.safetensors', 'train', 'validation']);
    for (const run of ['train', 'validation']) expect(readdirSync(join(folder, run))).toHaveLength(1);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
