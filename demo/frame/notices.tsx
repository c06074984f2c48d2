import type { ComponentChildren } from 'preact';
import { dismiss, notices } from './notify.ts';

/** Messages, until they are closed. @param children an offer of the page's own, above them */
export function Notices({ children }: { children?: ComponentChildren }) {
  return (
    <section class="notices" aria-label="Messages" aria-live="polite">
      {children}
      {notices.value.map(({ id, kind, text }) => (
        <div key={id} class={`notice ${kind}`} role={kind === 'problem' ? 'alert' : 'status'}>
          <p>{text}</p>
          <button type="button" class="button quiet" aria-label="Close this message" onClick={() => dismiss(id)}>
            ✕
          </button>
        </div>
      ))}
    </section>
  );
}
