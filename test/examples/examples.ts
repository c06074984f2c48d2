/** The examples as `npm start` serves them, for the tests of a file: a server and a browser of its own. */
import type { Browser, Page } from 'puppeteer';
import type { InlineConfig, ViteDevServer } from 'vite';
import { afterAll, afterEach, beforeAll } from 'vitest';
import { launchBrowser } from '../../tools/browser.ts';
import { addressOf, type ExampleName, serveExamples } from '../../tools/examples.ts';
import { type Visit, visit } from '../page/visitor.ts';

/** A training on two busy cores without a GPU. */
export const TRAINING = 150_000;

/** A camera that shows a test picture, and a visitor who allows it. */
const CAMERA = ['--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream'];

export interface Examples {
  /** Opens the page of an example. */
  open(name: ExampleName): Promise<Visit>;
  /** Where it is. */
  addressOf(name: ExampleName): string;
  readonly browser: Browser;
}

/** Registers what is to be done before and after the tests of a file. Each finds a browser without pages and without what they store. */
export function servedExamples(config: InlineConfig = {}): Examples {
  let server: ViteDevServer;
  let browser: Browser;
  let blank: Page;
  beforeAll(async () => {
    server = await serveExamples({ logLevel: 'warn', ...config, server: { port: 0, watch: null, hmr: false } });
    browser = await launchBrowser({ args: CAMERA });
    blank = (await browser.pages())[0]!;
  });
  afterEach(async () => {
    for (const page of await browser.pages()) if (page !== blank) await page.close();
    const session = await blank.createCDPSession();
    const { origin } = new URL(addressOf(server, 'digits'));
    await session.send('Storage.clearDataForOrigin', { origin, storageTypes: 'file_systems,indexeddb,local_storage' });
    await session.detach();
  });
  afterAll(async () => {
    await browser?.close();
    await server?.close();
  });
  return {
    open: (name) => visit(browser, addressOf(server, name), { base: new URL('/', addressOf(server, name)).href }),
    addressOf: (name) => addressOf(server, name),
    get browser() {
      return browser;
    },
  };
}

/** Draws a line on a canvas with the mouse. @param path places in it, from 0 to 1 */
export async function drawOn({ page }: Visit, selector: string, path: readonly (readonly [number, number])[]) {
  const { x, y, width, height } = (await (await page.waitForSelector(selector))!.boundingBox())!;
  const to = ([left, top]: readonly [number, number]) =>
    page.mouse.move(x + left * width, y + top * height, { steps: 8 });
  await to(path[0]!);
  await page.mouse.down();
  for (const place of path.slice(1)) await to(place);
  await page.mouse.up();
}

/** The RGBA bytes of a canvas, read from a copy: Chrome warns of a page whose canvas is read often. */
export const pixelsOf = ({ page }: Visit, selector: string): Promise<number[]> =>
  page.$eval(selector, (element) => {
    const { width, height } = element as HTMLCanvasElement;
    const copy = new OffscreenCanvas(width, height).getContext('2d', { willReadFrequently: true })!;
    copy.drawImage(element as HTMLCanvasElement, 0, 0);
    return [...copy.getImageData(0, 0, width, height).data];
  });

/** The values of all bars, from 0 to 1. */
export const barsOf = ({ page }: Visit) => page.$$eval('progress', (bars) => bars.map(({ value }) => value));

/** The number that a pattern's first group finds in the status. */
export async function statusNumber({ text }: Visit, pattern: RegExp, patience = TRAINING): Promise<number> {
  return Number(pattern.exec(await text('#status', pattern, patience))![1]);
}
