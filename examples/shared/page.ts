/** What the pages of the examples have in common. */

/** The first element that a selector finds. */
export function find<T extends Element = HTMLElement>(selector: string): T {
  const element = document.querySelector<T>(selector);
  if (!element) throw new Error(`The page has no ${selector}.`);
  return element;
}

/** Writes how things stand. */
export function say(text: string): void {
  find('#status').textContent = text;
}

/** Writes what no code has caught where the visitor sees it: without WebGPU, say, the engine's words about which browsers have it. */
export function showErrors(): void {
  const show = (error: unknown) => {
    find('#status').classList.add('problem');
    say(error instanceof Error ? error.message : String(error));
  };
  addEventListener('error', ({ error, message }) => show(error ?? message));
  addEventListener('unhandledrejection', ({ reason }) => show(reason));
}

/** A part as a text, 0.973 as “97.3 %”. */
export function percent(part: number | undefined): string {
  return `${(100 * (part ?? 0)).toFixed(1)} %`;
}
