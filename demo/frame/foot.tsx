/** The foot of every page: which page to read next, and what the site is. */
import { addressOf, type PageName, pageAfter } from './pages.ts';

export function Foot({ page }: { page: PageName }) {
  const next = pageAfter(page);
  return (
    <footer class="foot">
      {next && (
        <p class="next">
          Next: <a href={addressOf(next.name)}>{next.title}</a>
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
