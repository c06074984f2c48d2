/** The page as its visitors get it, for the tests of a file: built once for all files, on a server, and a browser of the file's own. */
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Browser, Page } from 'puppeteer';
import { afterAll, afterEach, beforeAll, inject } from 'vitest';
import { launchBrowser } from '../../tools/browser.ts';
import { buildSite, type ServedSite, serveSite } from '../../tools/site.ts';
import { scrollThrough, type Visit, visit } from './visitor.ts';

/** A build takes a minute, on a busy machine some. */
const BUILD_MS = 300_000;

/** Of a browser that has something to clear it takes less than a second. */
const CLEAR_MS = 20_000;

export interface BuiltPage {
  /** Where it was built. */
  readonly folder: string;
  /** Empty, for what visitors download. */
  readonly downloads: string;
  /** From the first test on. */
  readonly site: ServedSite;
  readonly browser: Browser;
  /** Opens the lab, and waits until a run can be started. @param options see `visit` */
  open(hash: string, options?: Parameters<typeof visit>[2]): Promise<Visit>;
}

declare module 'vitest' {
  interface ProvidedContext {
    /** A folder of this run. The first file that needs the page builds it there. */
    builtPages: string;
  }
}

/** Builds the site into a folder, unless another process of this run has begun to: then waits for it. */
async function buildOnce(folder: string): Promise<void> {
  try {
    mkdirSync(`${folder}.lock`);
  } catch {
    while (!existsSync(folder)) await sleep(100);
    return;
  }
  await buildSite(`${folder}.begun`);
  renameSync(`${folder}.begun`, folder); // whole, or not there
}

/**
 * Registers what is to be done before and after the tests of a file. Each test finds a browser without pages of the site and without
 * what they have stored, however the one before has ended.
 */
export function builtPage(launch: () => Promise<Browser> = launchBrowser): BuiltPage {
  const folder = join(inject('builtPages'), 'site');
  const downloads = mkdtempSync(join(tmpdir(), 'neurite-downloads-'));
  let site: ServedSite;
  let browser: Browser;
  /** That of the browser itself, which stays open. */
  let blank: Page;

  beforeAll(async () => {
    await buildOnce(folder);
    site = await serveSite(folder);
    browser = await launch();
    blank = (await browser.pages())[0]!;
  }, BUILD_MS);

  /** Leaves the browser without pages of the site and without what they have stored. */
  async function clear(): Promise<void> {
    for (const page of await browser.pages()) if (page !== blank) await page.close();
    const session = await blank.createCDPSession().catch(() => undefined); // Firefox has none, and one test
    const storageTypes = 'file_systems,indexeddb,local_storage';
    await session?.send('Storage.clearDataForOrigin', { origin: site.origin, storageTypes });
    await session?.detach();
  }

  afterEach(async () => {
    // A browser that is closed in the midst of going to another page has been seen to answer no more.
    const stuck = sleep(CLEAR_MS, true, { ref: false });
    if (!(await Promise.race([clear(), stuck]))) return;
    console.warn(`the browser was not cleared within ${CLEAR_MS / 1000} s: the next test gets a new one`);
    browser.process()?.kill('SIGKILL');
    browser = await launch();
    blank = (await browser.pages())[0]!;
  });

  afterAll(async () => {
    await browser?.close();
    site?.close();
    rmSync(downloads, { recursive: true, force: true });
  });

  return {
    folder,
    downloads,
    get site() {
      return site;
    },
    get browser() {
      return browser;
    },
    async open(hash, options) {
      const visitor = await visit(browser, `${site.url}lab.html${hash}`, options);
      await visitor.see('.transport .main:not(:disabled)');
      await scrollThrough(visitor.page);
      await visitor.text('.transport-text', /^ready/);
      return visitor;
    },
  };
}
