/** The bar above every page: the pages of the site, and the theme. */
import type { ComponentChildren } from 'preact';
import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import { Button } from '../ui/controls.tsx';
import { addressOf, PAGES, type PageName } from './pages.ts';

/** @param children what a page adds to the bar: the GPU that computes, links to its sections */
export function Header({ page, children }: { page: PageName; children?: ComponentChildren }) {
  const nav = useRef<HTMLElement>(null);
  useLayoutEffect(() => {
    // On a phone it is a line that scrolls: the page that is read is in sight.
    const { current } = nav;
    const here = current!.querySelector<HTMLElement>('[aria-current]')!;
    current!.scrollLeft = here.offsetLeft + here.offsetWidth / 2 - current!.offsetLeft - current!.clientWidth / 2;
  }, []);
  return (
    <header class="top" id="top">
      <a class="brand" href={addressOf('index')}>
        neurite
      </a>
      <nav ref={nav} aria-label="Pages">
        {PAGES.map(({ name, short }) => (
          <a key={name} href={addressOf(name)} aria-current={name === page ? 'page' : undefined}>
            {short}
          </a>
        ))}
      </nav>
      {children}
      <ThemeButton />
    </header>
  );
}

function ThemeButton() {
  const [theme, setTheme] = useState(document.documentElement.dataset.theme!);
  const other = theme === 'dark' ? 'light' : 'dark';
  const change = () => {
    document.documentElement.dataset.theme = other;
    try {
      localStorage.setItem('theme', other);
    } catch {
      // Storage may be forbidden: the choice holds for this visit.
    }
    setTheme(other);
  };
  return (
    <Button kind="quiet" label={`Switch to the ${other} theme`} onClick={change}>
      {theme === 'dark' ? '☀' : '☾'}
    </Button>
  );
}
