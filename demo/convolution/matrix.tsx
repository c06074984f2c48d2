import type { ComponentChildren } from 'preact';

/** Numbers with their name above them. */
export function Matrix({ name, children }: { name: string; children: ComponentChildren }) {
  return (
    <div class="matrix">
      <span class="matrix-name">{name}</span>
      {children}
    </div>
  );
}
