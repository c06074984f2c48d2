/** A strict JSON reader for files of unknown origin: headers of safetensors files, and models and progress stored in them. */
import { FormatError } from '../errors.ts';

/**
 * Largest number of members in an object or array. Real headers have far fewer. V8 takes seconds for an object of a
 * million keys, and minutes for one of ten million.
 */
const MAX_MEMBERS = 131_072;

/**
 * Reads JSON from left to right. The caller names the type that must come next; anything else is an error with its
 * position. Unlike `JSON.parse`, it keeps the order of keys, rejects duplicate keys, creates no objects that keys like
 * `__proto__` could change, and reads no deeper than its caller asks.
 */
export class JsonReader {
  readonly #what: string;
  readonly #text: string;
  readonly #path: string[] = [];
  #at = 0;

  /** @param what the name of the text in messages */
  constructor(what: string, text: string) {
    this.#what = what;
    this.#text = text;
  }

  /** Reads an object. `member` is called for each key and must read its value. */
  object(member: (key: string) => void): void {
    const keys = new Set<string>();
    this.#take('{', 'an object');
    if (this.#next('}')) return;
    do {
      const key = this.string('a key in quotes');
      this.#path.push(key);
      if (keys.has(key)) this.fail('the key occurs twice.');
      keys.add(key);
      this.#limit(keys.size);
      this.#take(':', '":"');
      member(key);
      this.#path.pop();
    } while (this.#next(','));
    this.#take('}', '"," or "}"');
  }

  /** Reads an array. `item` is called for each value and must read it. */
  array(item: () => void): void {
    this.#take('[', 'an array');
    if (this.#next(']')) return;
    let count = 0;
    do {
      this.#limit(++count);
      item();
    } while (this.#next(','));
    this.#take(']', '"," or "]"');
  }

  /** Reads a string that can be encoded as UTF-8, that is, without half a surrogate pair. */
  string(expected = 'a string'): string {
    this.#take('"', expected);
    const start = this.#at;
    let escapes = false;
    for (;;) {
      const code = this.#text.charCodeAt(this.#at);
      if (code === 0x22) break;
      if (!(code >= 0x20)) this.#expect('a closing quote before any control character'); // the end reads as NaN
      if (code === 0x5c) escapes = true;
      this.#at += code === 0x5c ? 2 : 1;
    }
    const raw = this.#text.slice(start, this.#at);
    const value = escapes ? unescaped(raw) : raw;
    if (value === undefined)
      this.fail(`${quote(raw)} has an escape that JSON does not know, or half a surrogate pair.`);
    this.#at++;
    return value;
  }

  /** Reads a number written as `0` or as digits that do not begin with 0, at most 2^53 - 1. */
  integer(): number {
    const expected = 'an integer from 0 to 2^53 - 1';
    this.#space();
    const start = this.#at;
    let value = 0;
    let end = start;
    for (let digit = this.#digit(end); digit >= 0 && Number.isSafeInteger(value); digit = this.#digit(++end)) {
      value = value * 10 + digit;
    }
    const wrong = end === start || !Number.isSafeInteger(value) || (end > start + 1 && this.#digit(start) === 0);
    if (wrong || '.eE'.includes(this.#text[end] ?? ' ')) this.#expect(expected);
    this.#at = end;
    return value;
  }

  /** Asserts that only white space is left. */
  end(): void {
    this.#space();
    if (this.#at < this.#text.length) this.#expect('nothing more');
  }

  /** @throws FormatError with the current position */
  fail(why: string): never {
    const path = this.#path.map((key) => `${quote(key)}: `).join('');
    throw new FormatError(`${this.#what}, character ${this.#at}: ${path}${why}`);
  }

  #limit(count: number): void {
    if (count > MAX_MEMBERS) this.fail(`more than ${MAX_MEMBERS} members.`);
  }

  #expect(expected: string): never {
    const rest = this.#text.slice(this.#at, this.#at + 20);
    this.fail(`expected ${expected}, got ${rest === '' ? 'the end' : JSON.stringify(rest)}.`);
  }

  #take(char: string, expected: string): void {
    if (!this.#next(char)) this.#expect(expected);
  }

  #next(char: string): boolean {
    this.#space();
    if (this.#text[this.#at] !== char) return false;
    this.#at++;
    return true;
  }

  #space(): void {
    while (' \n\r\t'.includes(this.#text[this.#at] ?? 'end')) this.#at++;
  }

  /** The digit at an index, or a negative number if there is none. */
  #digit(index: number): number {
    const digit = this.#text.charCodeAt(index) - 0x30;
    return digit <= 9 ? digit : -1;
  }
}

/** A string in quotes for a message, shortened because it may come from a hostile file. */
export function quote(text: string): string {
  return JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}…` : text);
}

/** Whether a string has no unpaired surrogate, which UTF-8 cannot express. */
export function isWellFormed(text: string): boolean {
  return !/\p{Surrogate}/u.test(text);
}

function unescaped(raw: string): string | undefined {
  try {
    const value: string = JSON.parse(`"${raw}"`);
    return isWellFormed(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
