import type { ComponentChildren } from 'preact';
import { Button } from '../ui/controls.tsx';
import { dismiss, notices } from './notify.ts';

/** Messages, until they are closed. @param children an offer of the page's own, above them */
export function Notices({ children }: { children?: ComponentChildren }) {
  return (
    <section class="notices" aria-label="Messages" aria-live="polite">
      {children}
      {notices.value.map(({ id, kind, text, detail, mend }) => (
        <div key={id} class={`notice ${kind}`} role={kind === 'problem' ? 'alert' : 'status'}>
          <div>
            <p>{text}</p>
            {detail && (
              <details>
                <summary>Details</summary>
                {detail}
              </details>
            )}
            {mend && (
              <span class="row">
                <Button
                  onClick={() => {
                    dismiss(id);
                    mend.act();
                  }}
                >
                  {mend.label}
                </Button>
              </span>
            )}
          </div>
          <button type="button" class="button quiet" aria-label="Close this message" onClick={() => dismiss(id)}>
            ✕
          </button>
        </div>
      ))}
    </section>
  );
}
