/** The foot of every page: which page to read next, and what the site is. */
import { addressOf, PAGES, type PageName, pageAfter } from './pages.ts';

export function Foot({ page }: { page: PageName }) {
  const next = pageAfter(page);
  return (
    <footer class="foot">
      {/* The landing page has links of its own, on its first screen. */}
      {page !== 'index' && (
        <p class="next">
          {next ? 'Next' : 'Back to the start'}:{' '}
          <a href={addressOf((next ?? PAGES[0]).name)}>{(next ?? PAGES[0]).title}</a>
        </p>
      )}
      <p>
        neurite is a neural-network engine for web pages, in plain WGSL and TypeScript. Nothing leaves this machine:
        images, networks and results stay in the page.
        {import.meta.env.PROD && (
          <>
            {' '}
            <a href="docs/index.html">Documentation</a>
          </>
        )}
      </p>
    </footer>
  );
}
