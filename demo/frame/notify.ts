/** Messages to the user, and work whose failure becomes one. */
import { signal } from '@preact/signals';

export interface Notice {
  id: number;
  kind: 'problem' | 'note';
  text: string;
  /** What only a programmer asks for: folded. */
  detail?: string | undefined;
  /** A newer message about the same takes its place. */
  about?: string | undefined;
  /** It is about a run, and means nothing once another one begins. */
  ofRun: boolean;
  /** What may help, as a button. */
  mend?: { label: string; act: () => void } | undefined;
}

/** Files that the user opens: what messages about them are about. */
export const FILES = 'files';

/** More would cover the page; the oldest make room. */
const MOST_NOTICES = 3;
/** A note says what has happened; a problem stays, for it asks for something. */
const NOTE_MS = 30_000;
let lastNotice = 0;

/** Messages to the user, oldest first. */
export const notices = signal<readonly Notice[]>([]);

/** Shows a message until the user closes it. The same message stands there once, and so does one about the same. */
export function notify(
  kind: Notice['kind'],
  text: string,
  { ofRun = false, ...more }: Partial<Omit<Notice, 'id' | 'kind' | 'text'>> = {},
): void {
  if (more.about !== undefined) dismissAbout(more.about);
  const others = notices.value.filter((notice) => notice.text !== text);
  const id = ++lastNotice;
  notices.value = [...others, { id, kind, text, ofRun, ...more }].slice(-MOST_NOTICES);
  if (kind === 'note') setTimeout(dismiss, NOTE_MS, id);
}

export function dismiss(id: number): void {
  notices.value = notices.value.filter((notice) => notice.id !== id);
}

export function dismissAbout(subject: string): void {
  notices.value = notices.value.filter(({ about }) => about !== subject);
}

/** Takes away messages about a run. */
export function dismissOfRun(): void {
  notices.value = notices.value.filter(({ ofRun }) => !ofRun);
}

/**
 * Awaits work that the user asked for; a failure becomes a notice, an abort is no failure. The first line of its message is for
 * people; what follows is folded.
 * @param about of what the notice tells: an older one of the same goes, also where the work succeeds
 */
export async function attempt<T>(work: () => Promise<T>, about?: string): Promise<T | undefined> {
  try {
    const result = await work();
    if (about !== undefined) dismissAbout(about);
    return result;
  } catch (error) {
    const { name, message } = error as Error;
    const [text, ...rest] = message.split('\n');
    if (name !== 'AbortError') notify('problem', text!, { detail: rest.join('\n') || undefined, about });
    return undefined;
  }
}
