/** Starts a page: its view takes the place of what the HTML shows while the page's code is loaded. */
import { type ComponentChildren, render } from 'preact';
import '../styles/theme.css';
import '../styles/elements.css';
import '../styles/frame.css';
import '../styles/layout.css';
import '../styles/notices.css';
import '../styles/controls.css';
import { Foot } from './foot.tsx';
import { Header } from './header.tsx';
import type { PageName } from './pages.ts';

export function mount(view: ComponentChildren): void {
  const root = document.getElementById('app')!;
  root.replaceChildren();
  render(view, root);
}

/** A page with the header, its content and the foot. @param bar what the page adds to the header */
export function Frame(props: { page: PageName; bar?: ComponentChildren; children: ComponentChildren }) {
  return (
    <>
      <a class="skip" href="#content">
        Skip to the content
      </a>
      <Header page={props.page}>{props.bar}</Header>
      <main class="page" id="content" tabIndex={-1}>
        {props.children}
        <Foot page={props.page} />
      </main>
    </>
  );
}
