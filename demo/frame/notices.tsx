import { dismiss, notices } from '../state/notices.ts';
import { UnfinishedOffer } from './unfinishedOffer.tsx';

/** Messages, until they are closed. */
export function Notices() {
  return (
    <section class="notices" aria-label="Messages" aria-live="polite">
      <UnfinishedOffer />
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
