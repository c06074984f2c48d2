/**
 * Nothing leaves the page: the built page under its security policy. The other tests of the page look for the same complaints;
 * here are all sections in one visit, and the proof that the policy holds.
 */
import { mkdtempSync, readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { createServer as createViteServer } from 'vite';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { PAGES } from '../../demo/frame/pages.ts';
import { HEADERS } from '../../tools/site.ts';
import { policyOf } from '../../tools/vite-security.ts';
import { builtPage } from './builtPage.ts';
import { ENDLESS } from './links.ts';
import { courseFiles, download, switchTo, type Visit, visit } from './visitor.ts';

const built = builtPage();
const { folder, downloads } = built;
const open = (hash = ENDLESS, options = {}) => built.open(hash, options);
/** A server elsewhere that answers everybody, and what it was asked for. */
let elsewhere: { server: Server; url: string; asked: string[] };

beforeAll(async () => {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(request.url!);
    response.setHeader('access-control-allow-origin', '*').end('elsewhere');
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  elsewhere = { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, asked };
});

afterAll(async () => {
  elsewhere?.server.close();
});

describe('the policy', () => {
  const htmlOf = (name: string) => readFileSync(join(folder, `${name}.html`), 'utf8');
  const names = PAGES.map(({ name }) => name);

  test.each(names)('of %s allows own files, and of the scripts in the page the one that is there', (name) => {
    const [, content] = /http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(htmlOf(name))!;
    const policy = content!.replaceAll('&#39;', "'");
    expect(policy.replace(/'sha256-[\w+/]{43}='/g, 'HASH')).toBe(
      "default-src 'none'; script-src 'self' HASH; worker-src 'self'; style-src 'self'; img-src 'self' data:; " +
        "connect-src 'self'; base-uri 'none'; form-action 'none'",
    );
  });

  test.each(names)('of %s stands before what it is about, and leaves the charset where browsers look', (name) => {
    const html = htmlOf(name);
    const at = (text: string) => html.indexOf(text);
    expect(at('Content-Security-Policy')).toBeLessThan(Math.min(at('<script'), at('<link')));
    expect(Buffer.byteLength(html.slice(0, at('charset="utf-8"')))).toBeLessThan(1000); // of 1024 bytes
    expect(html).toMatch(/<meta name="referrer" content="no-referrer"/);
    expect(html).not.toMatch(/\sstyle=|\son\w+=/); // which it would not allow
  });

  test('follows the script: one that is changed has another hash, whatever its line ends', () => {
    const hashes = (script: string) => policyOf(`<script>${script}</script><script src="x.js"></script>`, false);
    expect(hashes('a\nb')).toBe(hashes('a\r\nb'));
    expect(hashes('a')).not.toBe(hashes('b'));
    expect(hashes('a').match(/sha256-/g)).toHaveLength(1);
    // printf 'a' | openssl dgst -sha256 -binary | base64
    expect(hashes('a')).toContain("'sha256-ypeBEsobvcr6wjGzmiPcTaeG7/gUfE5yuYB3ha/uSLs='");
  });
});

test('a visit to every section asks this server only, only reads, and meets the policy nowhere', async () => {
  const visitor = await open();
  const { page, click, text, see, requests, complaints } = visitor;
  for (const theme of ['dark', 'light']) await switchTo(theme, visitor);
  // Data: other pictures.
  await see('.gallery canvas');
  await click('Other images');
  // Model: a layer more, and one less.
  await visitor.unfold();
  await click('Add layer');
  await text('#model', /conv2d_1/);
  await click('Undo');
  // Training, and what is inside meanwhile.
  await click('Start');
  await text('.transport-text', /training: epoch/);
  await page.$eval('#network', (section) => section.scrollIntoView());
  await see('.kernels canvas');
  await see('.maps canvas');
  await click('Pause');
  await see('.transport-text[data-state="paused"]');
  await click('Train one step');
  await click('Stop training');
  await text('.transport-text', /^ready/);
  await click('Test now');
  await see('.confusion');
  // The run: kept, shared, downloaded, opened again.
  const name = (await text('.runs tbody th', /own network #1/)).match(/own network #1/)![0];
  await click(`Keep ${name} in this browser`);
  await click('Share settings');
  await see('dialog[open] input[aria-label="Link"]');
  await page.keyboard.press('Escape');
  const file = await download(visitor, downloads);
  const input = await page.waitForSelector('.button.file input');
  const uploadable = input as never as { uploadFile(path: string): Promise<void> };
  await uploadable.uploadFile(file);
  await text('.runs', /In the network now: own-network-1.safetensors/);
  // Images of one's own.
  await visitor.drop(await courseFiles(['real_3.gz', 'fake_3.gz']));
  await text('#data', /4 real/);
  // The machine: its own worker, and a shader that is fetched when it is asked for.
  await page.goto(`${built.site.url}machine.html`);
  await text('.measure', /GPU time of one measured step/);
  await page.$eval('.schedule tbody .link-button', (button) => (button as HTMLElement).click());
  await text('.source', /@compute/);

  expect(complaints).toEqual([]);
  expect(requests.length).toBeGreaterThan(4);
  expect(requests.filter((url) => url.startsWith(`${built.site.url}assets/lab-`)).length).toBeGreaterThan(0); // workers are heard
  expect(elsewhere.asked).toEqual([]);
  // The script in the page has run: its hash is the right one.
  expect(await page.$eval('html', ({ dataset }) => dataset.theme)).toMatch(/dark|light/);
});

test('while one develops, vite can do its part under it', async () => {
  const server = await createViteServer({
    configFile: 'vite.config.ts',
    mode: 'site',
    cacheDir: mkdtempSync(join(downloads, 'vite-')),
    logLevel: 'error',
    server: { port: 0 },
  });
  try {
    await server.listen();
    const visitor = await visit(
      built.browser,
      `http://127.0.0.1:${(server.httpServer!.address() as AddressInfo).port}/lab.html`,
    );
    const said: string[] = [];
    visitor.page.on('console', (message) => said.push(message.text()));
    await visitor.page.reload();
    await visitor.text('.transport-text', /^ready/);
    await expect.poll(() => said).toContain('[vite] connected.'); // its web socket
    expect(await visitor.page.$eval('.transport', (bar) => getComputedStyle(bar).position)).toBe('fixed'); // its styles
    expect(await visitor.page.$eval('meta[http-equiv]', (meta) => meta.getAttribute('content'))).toContain("'none'");
    expect(visitor.complaints).toEqual([]);
    await visitor.page.close();
  } finally {
    await server.close();
  }
});

/** What a script that got in would try. @returns what came through, so far */
async function attack({ page }: Visit, url: string): Promise<() => Promise<string[]>> {
  const reached = await page.evaluateHandle((url) => {
    const reached: string[] = [];
    Object.assign(window, { reached });
    const inline = document.createElement('script');
    inline.textContent = 'reached.push("inline script")';
    document.head.append(inline);
    const holder = document.createElement('div');
    holder.innerHTML = '<img src="none" onerror="reached.push(`handler`)">';
    document.body.append(holder);
    setTimeout('reached.push("eval")');
    const worker = new Worker(URL.createObjectURL(new Blob(['postMessage(1)'])));
    worker.onmessage = () => reached.push('worker from a text');
    const script = document.createElement('script');
    script.src = `${url}script.js`;
    document.head.append(script);
    new Image().src = `${url}picture`;
    fetch(`${url}fetch`, { method: 'POST', body: 'images', mode: 'no-cors' }).then(
      () => reached.push('fetch'),
      () => {},
    );
    navigator.sendBeacon(`${url}beacon`, 'images');
    return reached;
  }, url);
  return async () => (await reached.jsonValue()).sort();
}

test('the policy stops scripts of others, and all requests to elsewhere but to go there', async () => {
  const { asked, url } = elsewhere;
  const visitor = await open();
  const reached = await attack(visitor, url);
  const allowed = (attempt: string) => !visitor.complaints.some((line) => line.includes(`forbidden by ${attempt}`));
  const attempts = [
    'script-src-elem: inline',
    `script-src-elem: ${url}script.js`,
    'script-src-attr: inline',
    'script-src: eval',
    'worker-src: blob',
    `img-src: ${url}picture`,
    `connect-src: ${url}fetch`,
    `connect-src: ${url}beacon`,
  ];
  await expect.poll(() => attempts.filter(allowed)).toEqual([]);
  expect(await reached()).toEqual([]);
  expect(asked).toEqual([]);
  await visitor.page.close();

  // It is the policy that stops them, and the tests would see what gets through.
  const unguarded = await open(ENDLESS, { withoutPolicy: true });
  const everything = ['eval', 'fetch', 'handler', 'inline script', 'worker from a text'];
  await expect.poll(await attack(unguarded, url)).toEqual(everything);
  await expect.poll(() => [...asked].sort()).toEqual(['/beacon', '/fetch', '/picture', '/script.js']);
  for (const what of ['beacon', 'fetch', 'script.js', 'picture']) {
    expect(unguarded.complaints.join('\n')).toContain(`request to ${url}${what}`);
  }
  expect(unguarded.complaints.join('\n')).toContain(`POST ${url}fetch`);
  await unguarded.page.close();

  // No policy of a page says where one may go from it.
  const leaving = await open();
  const gone = leaving.page.waitForNavigation();
  await leaving.page.evaluate((url) => void Object.assign(location, { href: `${url}gone?images` }), url);
  await gone;
  expect(asked).toContain('/gone?images');
});

/** Whether the worker gets an answer from elsewhere. */
const workerReaches = ({ page }: Visit, url: string) =>
  page.workers()[0]!.evaluate(
    (url) =>
      fetch(url)
        .then(() => true)
        .catch(() => false),
    url,
  );

test('what the worker asks for is seen as well', async () => {
  const visitor = await open();
  expect(await workerReaches(visitor, `${elsewhere.url}worker`)).toBe(true);
  expect(visitor.complaints).toContain(`request to ${elsewhere.url}worker`);
});

test("with a server's headers the worker is held as well, and nobody may frame the page", async () => {
  const visitor = await visit(built.browser, `${built.site.urlWithHeaders}lab.html${ENDLESS}`);
  await visitor.text('.transport-text', /^ready/);
  await visitor.click('Start');
  await visitor.text('.transport-text', /training: epoch ([2-9]|\d\d)/);
  await visitor.click('Stop training');
  await visitor.text('.transport-text', /^ready/);
  expect(visitor.complaints).toEqual([]);
  const { asked } = elsewhere;
  const before = asked.length;
  expect(await workerReaches(visitor, `${elsewhere.url}worker`)).toBe(false);
  expect(asked).toHaveLength(before);
  await visitor.page.close();

  const page = await built.browser.newPage();
  const framed = async (url: string) => {
    await page.setContent(`<iframe src="${url}"></iframe>`, { waitUntil: 'load' });
    const frame = await (await page.waitForSelector('iframe'))!.contentFrame();
    return frame.evaluate(() => document.querySelector('#app') !== null);
  };
  expect(await framed(built.site.url)).toBe(true);
  expect(await framed(built.site.urlWithHeaders)).toBe(false);
  await page.close();

  const docs = readFileSync('docs/page-hosting.md', 'utf8');
  for (const headers of Object.values(HEADERS))
    for (const value of Object.values(headers)) expect(docs).toContain(value);
});
