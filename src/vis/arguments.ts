/** Checks of what drawings are given: the place, numbers, a model. Each message has the line that is right. */
import type { TensorData } from '../data/dataset.ts';
import { ArgumentError, DataError, StateError } from '../errors.ts';
import { came } from '../options.ts';

/** A place for a drawing: an element of the page, or a selector, of whose elements the first counts. */
export type Place = HTMLElement | string;

const HTML = 'http://www.w3.org/1999/xhtml';
/** Elements that show nothing that is appended to them. */
const SHOWS_NOTHING = /^(canvas|img|picture|input|textarea|select|video|audio|iframe|object|embed|br|hr)$/;

/** @throws StateError without a page; ArgumentError for what is no element of it, or one that shows no drawing */
export function elementOf(what: string, place: Place): HTMLElement {
  if (typeof document === 'undefined') {
    throw new StateError(
      `${what}: there is no page here to draw into. In Node, tensorBoard of neurite/tensorboard writes the curves of a training; ` +
        'a worker sends its numbers to the page.',
    );
  }
  const element = typeof place === 'string' ? selected(what, place) : place;
  if (element?.nodeType !== 1) {
    const hint = place === null ? ' document.querySelector gives it where it finds nothing.' : '';
    throw new ArgumentError(
      `${what}: the element must be one of the page, or a selector such as '#chart', ${came(place)}${hint}`,
    );
  }
  const { localName, namespaceURI } = element;
  if (namespaceURI === HTML && !SHOWS_NOTHING.test(localName)) return element;
  const article = /^([aeiou]|svg)/.test(localName) ? 'an' : 'a';
  throw new ArgumentError(`${what}: ${article} <${localName}> shows no elements within it; give a <div>.`);
}

function selected(what: string, selector: string): HTMLElement {
  let found: HTMLElement | null;
  try {
    found = document.querySelector<HTMLElement>(selector);
  } catch (cause) {
    throw new ArgumentError(`${what}: '${selector}' is no selector: ${(cause as Error).message}`, { cause });
  }
  if (found) return found;
  const none = `${what}: no element of the page matches '${selector}'`;
  // A tag of this name is rarer than a forgotten #.
  if (document.getElementById(selector)) throw new ArgumentError(`${none}. Write '#${selector}'.`);
  const id = /^#([\w-]+)$/.exec(selector)?.[1];
  throw new ArgumentError(
    `${none}; it must be there before this line runs${id === undefined ? '' : `: <div id="${id}"></div>`}.`,
  );
}

/** @param form how the numbers are to be written. @throws DataError for what is not of this form */
export function checkNumbers(what: string, name: string, given: TensorData, form = '{ data, shape }'): void {
  const { data, shape } = (given ?? {}) as Partial<TensorData>;
  if (data?.length !== undefined && Array.isArray(shape)) return;
  // An ImageData is one of them.
  const isPicture = typeof given === 'object' && given !== null && 'width' in given;
  const hint = isPicture ? ' Write await fromPixels(…).' : '';
  throw new DataError(`${what}: ${name} must be ${form}, ${came(given)}${hint}`);
}
