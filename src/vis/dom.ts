/** Elements of the drawings, without a framework. */

type Attributes = Readonly<Record<string, string | number | boolean | undefined>>;

/** An element with attributes and content. An attribute that is undefined or false is left out. */
export function create<Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  attributes: Attributes = {},
  ...content: (Node | string)[]
): HTMLElementTagNameMap[Name] {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value !== undefined && value !== false) element.setAttribute(key, value === true ? '' : String(value));
  }
  element.append(...content);
  return element;
}

/** A box that scrolls by itself where its content is too wide; the keyboard can scroll it as well. */
export const scrollBox = (label: string, content: Node): HTMLElement =>
  create('div', { class: 'scroll', role: 'region', 'aria-label': label, tabindex: 0 }, content);
