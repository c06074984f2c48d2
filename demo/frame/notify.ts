/** Messages to the user, and work whose failure becomes one. */
import { signal } from '@preact/signals';

export interface Notice {
  id: number;
  kind: 'problem' | 'note';
  text: string;
  /** It is about a run, and means nothing once another one begins. */
  ofRun: boolean;
  /** What may help, as a button. */
  mend?: { label: string; act: () => void } | undefined;
}

/** More would cover the page; the oldest make room. */
const MOST_NOTICES = 3;
/** A note says what has happened; a problem stays, for it asks for something. */
const NOTE_MS = 30_000;
let lastNotice = 0;

/** Messages to the user, oldest first. */
export const notices = signal<readonly Notice[]>([]);

/** Shows a message until the user closes it. The same message stands there once. */
export function notify(
  kind: Notice['kind'],
  text: string,
  { ofRun = false, mend }: Partial<Pick<Notice, 'ofRun' | 'mend'>> = {},
): void {
  const others = notices.value.filter((notice) => notice.text !== text);
  const id = ++lastNotice;
  notices.value = [...others, { id, kind, text, ofRun, mend }].slice(-MOST_NOTICES);
  if (kind === 'note') setTimeout(dismiss, NOTE_MS, id);
}

export function dismiss(id: number): void {
  notices.value = notices.value.filter((notice) => notice.id !== id);
}

/** Takes away messages about a run. */
export function dismissOfRun(): void {
  notices.value = notices.value.filter(({ ofRun }) => !ofRun);
}

/** Awaits work that the user asked for; a failure becomes a notice, an abort is no failure. */
export async function attempt<T>(work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    const { name, message } = error as Error;
    if (name !== 'AbortError') notify('problem', message);
    return undefined;
  }
}
