/**
 * `npm run screenshots`: trains two networks in the built lab, and takes pictures of its sections and of all other pages, on a
 * desktop in both themes and on a phone, and of the pages without WebGPU. They land in runs/screenshots/.
 *
 * `--readme` renews the README's picture as well.
 */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Command } from 'commander';
import type { Browser, Page } from 'puppeteer';
import { PAGES } from '../demo/frame/pages.ts';
import { launchBrowser } from './browser.ts';
import { optionsOf } from './commandLine.ts';
import { buildSite, serveSite } from './site.ts';

const { readme } = optionsOf<{ readme?: true }>(
  new Command('npm run screenshots --')
    .description('Takes pictures of every page of the site, into runs/screenshots/.')
    .option('--readme', "renew the README's picture as well"),
);
const root = resolve(import.meta.dirname, '..');
const out = join(root, 'runs', 'screenshots');
const SECTIONS = ['bench', 'training', 'network', 'data', 'model'];
/** Pages of one picture each; the lab has one for each section. */
const OTHER_PAGES = PAGES.map(({ name }) => name).filter((name) => name !== 'lab');
const DESKTOP = { width: 1280, height: 900 };
const PHONE = { width: 390, height: 844, deviceScaleFactor: 2 };

const sleep = (ms: number) => new Promise((done) => setTimeout(done, ms));
/** On two busy cores without a GPU a training takes minutes. */
const PATIENCE = 1_800_000;
/** Looks that have to be alike, one after the other, before a page counts as still; and looks at one that never is. */
const ALIKE = 4;
const MOST_LOOKS = 120;
const folder = mkdtempSync(join(tmpdir(), 'neurite-screenshots-'));
mkdirSync(out, { recursive: true });
console.log('building the site');
await buildSite(folder);
const site = await serveSite(folder);
const browser = await launchBrowser({ log: console.log });
try {
  if (readme) await landingPage(browser, `${site.url}index.html`);
  const page = await trainedPage(browser, `${site.url}lab.html`);
  for (const theme of ['light', 'dark']) {
    await page.setViewport(DESKTOP);
    await page.evaluate((theme) => {
      document.documentElement.dataset.theme = theme;
    }, theme);
    await sections(page, `desktop-${theme}`);
  }
  await page.evaluate(() => {
    document.documentElement.dataset.theme = 'light';
  });
  await page.setViewport(PHONE);
  await sections(page, 'phone');
  await viewport(page, 'phone-top');
  await page.close();
  await otherPages(browser, site.url, '');
  await withoutGpu(browser, `${site.urlWithoutGpu}lab.html`);
  await otherPages(browser, site.urlWithoutGpu, 'no-gpu-');
} finally {
  await browser.close();
  site.close();
  rmSync(folder, { recursive: true, force: true });
}
console.log(`the pictures are in ${out}`);

/** The README's picture: the landing page in the middle of a round, when its network has learned. */
async function landingPage(browser: Browser, url: string): Promise<void> {
  const page = await browser.newPage();
  page.setDefaultTimeout(PATIENCE);
  await page.setViewport({ width: 1280, height: 640 });
  await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: 'light' }]);
  await page.goto(url);
  await page.waitForFunction(() => /has learned/.test(document.querySelector('.landing-state')?.textContent ?? ''));
  for (const key of ['r', 'f', 'r', 'f', 'f'] as const) {
    await page.keyboard.press(key);
    await sleep(2000); // the network answers
  }
  await page.screenshot({ path: join(root, 'demo', 'screenshot.png') });
  console.log('  demo/screenshot.png');
  await page.close();
}

/** The page after some training, tested, with another network's run under way and then paused. */
async function trainedPage(browser: Browser, url: string): Promise<Page> {
  const page = await browser.newPage();
  page.setDefaultTimeout(PATIENCE);
  await page.setBypassCSP(true); // for the style below that is not the page's
  await page.setViewport(DESKTOP);
  await page.emulateMediaFeatures([
    { name: 'prefers-color-scheme', value: 'light' },
    { name: 'prefers-reduced-motion', value: 'reduce' },
  ]);
  await page.goto(url);
  const main = '.transport .main:not(:disabled)';
  await page.waitForSelector(main);
  await page.waitForFunction(() => /^ready/.test(document.querySelector('.transport-text')!.textContent!));
  await viewport(page, 'desktop-top');
  await page.$eval('.sections a[href="#model"]', (link) => (link as HTMLElement).click()); // what is below is loaded with it
  await page.waitForSelector('#model');
  console.log('training the baseline');
  await page.click(main);
  await page.waitForSelector('.confusion');
  console.log('training the improved network for some epochs');
  await page.$$eval('.presets input', (choices) => (choices[2] as HTMLElement).click());
  await page.waitForFunction(() => /Before training/.test(document.querySelector('.verdict')!.textContent!));
  await page.click(main);
  await page.waitForFunction(() => /epoch 4 of/.test(document.querySelector('.transport-text')!.textContent!));
  await page.$eval('#network', (section) => section.scrollIntoView());
  await page.$$eval('details.more', (all) => {
    for (const details of all) (details as HTMLDetailsElement).open = true;
  });
  await page.$eval('#model .section-head + .button', (button) => (button as HTMLElement).click());
  await page.waitForSelector('.layers .maps canvas');
  await page.click(main);
  await page.waitForSelector('.transport-text[data-state="paused"]');
  await atRest(page); // the step under way, and a look at what it made
  return page;
}

/** Each section by itself, whole; the bars above and below the page would lie across. */
async function sections(page: Page, name: string): Promise<void> {
  const style = await page.addStyleTag({ content: '.top, .transport { display: none }' });
  for (const id of SECTIONS) {
    const section = (await page.$(`#${id}`))!;
    await section.evaluate((element) => element.scrollIntoView());
    await atRest(page);
    await section.screenshot({ path: join(out, `${id}-${name}.png`) });
    console.log(`  ${id}-${name}.png`);
  }
  await style.evaluate((element) => element.remove());
}

/**
 * Waits until nothing changes on a page any more, however slow the machine: its text, its canvases, and numbers that the GPU has
 * still to compute. A page that trains by itself never rests: it is taken as it is after a minute.
 */
async function atRest(page: Page): Promise<void> {
  let before = '';
  for (let looks = 0, alike = 0; alike < ALIKE && looks < MOST_LOOKS; looks++) {
    await sleep(500);
    const now = await page.evaluate(() => {
      const pictures = [...document.querySelectorAll('canvas')].map((canvas) => canvas.toDataURL());
      const waits = /GPU …|asking for a GPU/.test(document.body.innerText);
      return waits ? String(performance.now()) : document.body.innerText + pictures.join();
    });
    alike = now === before ? alike + 1 : 0;
    before = now;
  }
}

async function viewport(page: Page, name: string): Promise<void> {
  await page.evaluate(() => scrollTo(0, 0));
  await atRest(page);
  await page.screenshot({ path: join(out, `${name}.png`) });
  console.log(`  ${name}.png`);
}

/** Each whole page when nothing has changed on it for a while, in both themes and on a phone. */
async function otherPages(browser: Browser, url: string, prefix: string): Promise<void> {
  const looks = [
    ['desktop-light', DESKTOP, 'light'],
    ['desktop-dark', DESKTOP, 'dark'],
    ['phone', PHONE, 'light'],
  ] as const;
  for (const name of OTHER_PAGES) {
    for (const [look, size, theme] of looks) {
      const page = await browser.newPage();
      page.setDefaultTimeout(PATIENCE);
      await page.setViewport(size);
      await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: theme }]);
      await page.goto(`${url}${name}.html`);
      await page.waitForSelector('.foot');
      if (name === 'machine' && !prefix) {
        await page.waitForFunction(() => /GPU time of/.test(document.querySelector('.measure')!.textContent!));
      }
      await atRest(page);
      await page.screenshot({ path: join(out, `${prefix}${name}-${look}.png`), fullPage: true });
      console.log(`  ${prefix}${name}-${look}.png`);
      await page.close();
    }
  }
}

async function withoutGpu(browser: Browser, url: string): Promise<void> {
  const page = await browser.newPage();
  page.setDefaultTimeout(PATIENCE);
  for (const [name, size] of [
    ['desktop', DESKTOP],
    ['phone', PHONE],
  ] as const) {
    await page.setViewport(size);
    await page.goto(url);
    await page.waitForSelector('.foot');
    await viewport(page, `no-gpu-${name}`);
  }
  await page.close();
}
