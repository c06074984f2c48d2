import type { ComponentChildren } from 'preact';
import { useId } from 'preact/hooks';

/** A word whose meaning is shown where one points at it, and opens where it is pressed, by keyboard or finger too. */
export function Gloss({ meaning, children }: { meaning: string; children: ComponentChildren }) {
  const id = useId();
  return (
    <>
      <button type="button" class="gloss" title={meaning} popoverTarget={id}>
        {children}
      </button>
      <span id={id} popover="auto" class="gloss-meaning">
        {meaning}
      </span>
    </>
  );
}
