/** The parts that every section is made of. */
import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { formatPercent } from '../format.ts';

/** One of the page's chapters. @param lead one or two sentences that say what is to be seen here */
export function Section(props: { id: string; title: string; lead: ComponentChildren; children: ComponentChildren }) {
  return (
    <section id={props.id} class="section" aria-labelledby={`${props.id}-title`}>
      <header class="section-head">
        <h2 id={`${props.id}-title`}>{props.title}</h2>
        <p class="lead">{props.lead}</p>
      </header>
      {props.children}
    </section>
  );
}

/** A box with a heading of its own. */
export function Panel(props: { title: string; note?: ComponentChildren; class?: string; children: ComponentChildren }) {
  return (
    <div class={`panel ${props.class ?? ''}`}>
      <h3>{props.title}</h3>
      {props.note && <p class="note">{props.note}</p>}
      {props.children}
    </div>
  );
}

/** Stands where something will be seen later, in the space that it will take. */
export function Empty({ children }: { children: ComponentChildren }) {
  return <p class="empty">{children}</p>;
}

/** A box that scrolls by itself, where what is in it is too wide or too high; by keyboard too. */
export function ScrollBox(props: { label: string; class?: string; children: ComponentChildren }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: without the focus the keyboard could not scroll it
    <section class={`scroll ${props.class ?? ''}`} aria-label={props.label} tabIndex={0}>
      {props.children}
    </section>
  );
}

/** Work under way. */
export interface Progress {
  what: string;
  done: number;
  total: number;
}

/** How far a piece of work has come; keeps its place while there is none. */
export function ProgressBar({ progress, label }: { progress: Progress | undefined; label: string }) {
  const part = progress ? progress.done / progress.total : 0;
  return (
    <div class="progress" style={{ visibility: progress ? 'visible' : 'hidden' }}>
      <progress max={1} value={part} aria-label={label} />
      <span>{progress ? `${progress.what} ${formatPercent(part, 0)}` : label}</span>
    </div>
  );
}

/** A window above the page; Escape and a click beside it close it. */
export function Dialog(props: { title: string; onClose: () => void; children: ComponentChildren }) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    dialog.current?.showModal();
  }, []);
  return (
    <dialog ref={dialog} class="dialog" aria-label={props.title} onClose={props.onClose} closedby="any">
      <header>
        <h2>{props.title}</h2>
        <button type="button" class="button quiet" aria-label="Close" onClick={() => dialog.current?.close()}>
          ✕
        </button>
      </header>
      <div class="dialog-body">{props.children}</div>
    </dialog>
  );
}
