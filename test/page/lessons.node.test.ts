/**
 * Every page of the site as a visitor finds it, without a press: no complaint, nothing that moves, accessible in both themes
 * and on a phone, and with numbers of the GPU that are those by hand.
 */
import { expect, test } from 'vitest';
import { PAGES, type PageName } from '../../demo/frame/pages.ts';
import { violations } from './axe.ts';
import { builtPage } from './builtPage.ts';
import { switchTo, type Visit, visit } from './visitor.ts';

const built = builtPage();

/** Rests when it has what it has on arrival. @returns a selector, and what its text is then */
const AT_REST: Partial<Record<PageName, [selector: string, text: RegExp]>> = {
  lab: ['.transport-text', /^ready/],
  machine: ['.measure', /GPU time of one measured step/],
};
/** Numbers that a page shows on arrival, each of them checked on the GPU. */
const VERIFIED: Partial<Record<PageName, number>> = {
  index: 1,
  lab: 1,
  convolution: 5,
  learning: 15,
  fakes: 3,
  tangent: 3,
};
/** Pages with a drawing on arrival. */
const LIVE: readonly PageName[] = ['index', 'convolution', 'learning', 'lab', 'fakes', 'tangent'];

/** What has moved in a layout shift. */
interface Source {
  readonly node: Node | null;
}

/** Opens a page, which notes what moves, and waits until it has come to rest. */
async function open(name: PageName, base = built.site.url, { rests = true } = {}): Promise<Visit> {
  const visitor = await visit(built.browser, 'about:blank', { base });
  await visitor.page.evaluateOnNewDocument(() => {
    const moved: string[] = [];
    Object.assign(window, { moved });
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) {
        const { value, sources } = entry as PerformanceEntry & { value: number; sources: Source[] };
        const names = sources.map(({ node }) =>
          node instanceof Element
            ? node.outerHTML.slice(0, 80)
            : `${node?.nodeName} in ${node?.parentElement?.className}`,
        );
        moved.push(`${value.toFixed(4)}: ${names.join(' ')}`);
      }
    }).observe({ type: 'layout-shift', buffered: true });
  });
  await visitor.page.goto(`${base}${name}.html`);
  const rest = AT_REST[name];
  if (rest && rests) await visitor.text(...rest);
  await visitor.see('.foot');
  return visitor;
}

const moved = ({ page }: Visit) => page.evaluate(() => (window as unknown as { moved: string[] }).moved);

test.each(PAGES.map(({ name }) => name))('%s: accessible, quiet, and equal to the numbers by hand', async (name) => {
  for (const width of [1280, 390]) {
    const visitor = await open(name);
    const { page, complaints } = visitor;
    await page.setViewport({ width, height: width === 390 ? 844 : 640 });
    await page.reload();
    if (AT_REST[name]) await visitor.text(...AT_REST[name]);
    await visitor.see('.foot');
    await expect
      .poll(() => page.$$eval('[data-verified]', (all) => all.length))
      .toBeGreaterThanOrEqual(VERIFIED[name] ?? 0);
    if (LIVE.includes(name)) await expect.poll(() => drawn(visitor)).toBe(true);
    for (const { what, text, reference } of await verified(visitor)) {
      expect(Math.abs(Number(text) - reference), `${what}: ${text}, by hand ${reference}`).toBeLessThanOrEqual(
        1e-3 * Math.max(1, Math.abs(reference)),
      );
    }
    expect(await page.$('.verdict-by.wrong')).toBeNull();
    // In a drawing the attribute is tabindex; with another letter's case it does nothing.
    const unreachable = page.$$eval('[role="slider"]', (all) =>
      all.filter((element) => (element as HTMLElement).tabIndex < 0).map(({ outerHTML }) => outerHTML.slice(0, 80)),
    );
    expect(await unreachable).toEqual([]);
    expect(await moved(visitor)).toEqual([]);
    for (const theme of ['dark', 'light']) {
      await switchTo(theme, visitor);
      expect(await violations(page)).toEqual([]);
    }
    expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0);
    expect(complaints).toEqual([]);
    await page.close();
  }
});

test.each(['convolution', 'learning'] as const)(
  '%s: its first figure is whole on a screen of 1280 x 640',
  async (name) => {
    for (const base of [built.site.url, built.site.urlWithoutGpu]) {
      const { page } = await visit(built.browser, 'about:blank', { base });
      await page.setViewport({ width: 1280, height: 640 });
      await page.goto(`${base}${name}.html`);
      await page.waitForSelector('.computed-by:not(:empty)');
      const bottom = await page.$eval('.figure', (figure) => figure.getBoundingClientRect().bottom);
      expect(bottom).toBeLessThanOrEqual(640);
      await page.close();
    }
  },
);

test('each page says which one it is, leads to all others, and names the next one', async () => {
  const titles = new Set<string>();
  const descriptions = new Set<string | null>();
  for (const [i, { name, short }] of PAGES.entries()) {
    const { page } = await open(name, built.site.url, { rests: false });
    titles.add(await page.title());
    descriptions.add(await page.$eval('meta[name="description"]', (meta) => meta.getAttribute('content')));
    expect(await page.$$eval('[aria-current="page"]', (all) => all.map(({ textContent }) => textContent))).toEqual([
      short,
    ]);
    const links = await page.$$eval('nav[aria-label="Pages"] a', (all) => all.map((a) => a.getAttribute('href')));
    expect(links).toEqual(PAGES.map(({ name }) => `./${name}.html`));
    const next = await page.$$eval('.next a', (all) => all.map((a) => a.getAttribute('href')));
    // The landing page's first screen leads on, its foot does not again; the last page leads back.
    const own = await page.$$eval('.landing-on a', (all) => all.map((a) => a.getAttribute('href')));
    expect(i === 0 ? own[0] : next[0]).toBe(`./${PAGES[(i + 1) % PAGES.length]!.name}.html`);
    expect(next).toHaveLength(i === 0 ? 0 : 1);
    await page.close();
  }
  expect(titles.size).toBe(PAGES.length);
  expect(descriptions.size).toBe(PAGES.length);
});

test.each(PAGES.map(({ name }) => name))(
  '%s without WebGPU: it says so once, and nothing is missing but the GPU',
  async (name) => {
    const visitor = await open(name, built.site.urlWithoutGpu, { rests: false });
    const { page, complaints } = visitor;
    if (LIVE.includes(name)) await expect.poll(() => drawn(visitor)).toBe(true);
    const said = await page.$$eval('.no-gpu h2, .computed-by:not(:empty)', (all) => all.map((e) => e.textContent));
    expect(said).toHaveLength(1);
    expect(await page.$$eval('[data-verified]', (all) => all.length)).toBe(0);
    expect(await moved(visitor)).toEqual([]);
    expect(await violations(page)).toEqual([]);
    expect(complaints).toEqual([]);
  },
);

/** The numbers that the GPU computed. */
function verified({ page }: Visit): Promise<{ what: string; text: string; reference: number }[]> {
  return page.$$eval('[data-verified]', (all) =>
    all.map((element) => ({
      what: element.getAttribute('data-verified')!,
      text: element.textContent!.replace('−', '-'),
      reference: Number(element.getAttribute('data-reference') || Number.NaN),
    })),
  );
}

/** Whether each drawing that is to be there on arrival is more than an empty canvas. */
function drawn({ page }: Visit): Promise<boolean> {
  return page.$$eval(
    '[data-live]',
    (all) =>
      all.length > 0 &&
      all.every((element) => {
        if (!(element instanceof HTMLCanvasElement)) return element.childElementCount > 0;
        const empty = document.createElement('canvas');
        [empty.width, empty.height] = [element.width, element.height];
        return element.toDataURL() !== empty.toDataURL();
      }),
  );
}
