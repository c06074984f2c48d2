import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';

/** What is rarely wanted, folded away. @param props.late whether its content is made when it is first opened */
export function More(props: { text: string; late?: boolean; class?: string; children: ComponentChildren }) {
  const [open, setOpen] = useState(false);
  return (
    <details class={`more ${props.class ?? ''}`} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>{props.text}</summary>
      {(open || !props.late) && props.children}
    </details>
  );
}
