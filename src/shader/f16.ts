/**
 * Storage with 16 bits: rewrites the text of a shader so that chosen storage variables hold f16. Arithmetic stays f32:
 * values are widened when they are loaded and rounded when they are stored. So one file serves kernels of both widths.
 *
 * A value above 65504, the largest number of f16, is stored as infinity.
 */
import { ArgumentError } from '../errors.ts';
import type { Storage } from '../plan/types.ts';
import type { Shader } from './shader.ts';

/** Whether the tensor at this place is stored as f16. */
export function isHalf(storage: Storage): boolean {
  return storage.kind === 'slot' && storage.half;
}

const DECLARATION = /(var<storage,\s*\w+>\s*(\w+)\s*:\s*array<\s*)(f32|vec[24]f)(\s*>)/g;

/** The storage variables that can hold f16, that is, arrays of f32, vec2f and vec4f: the type of the elements by the name. */
export function floatArrays({ source }: Shader): ReadonlyMap<string, string> {
  return new Map([...withoutComments(source).matchAll(DECLARATION)].map(([, , name, type]) => [name!, type!]));
}

/**
 * Narrows storage variables to f16. Line numbers do not change.
 * @param code the shader's text, specialized
 * @param names the variables. Without any, the text is returned as it is.
 * @throws ArgumentError for a variable that is not an array of floats, or that is used in another way than by loading
 *   and storing its elements
 */
export function halve(shader: Shader, code: string, names: readonly string[]): string {
  if (names.length === 0) return code;
  const types = floatArrays(shader);
  const wanted = new Map(
    names.map((name) => {
      const type = types.get(name);
      if (!type) throw new ArgumentError(`shader ${shader.name}: ${name} is no array of f32, vec2f or vec4f.`);
      return [name, type];
    }),
  );
  const writer = new Rewriter(shader.name, wanted);
  let result = 'enable f16; ';
  let at = 0;
  const text = withoutShadows(withoutComments(code), [...wanted.keys()]);
  for (const match of text.matchAll(DECLARATION)) {
    const [whole, before, name, type, after] = match;
    if (!wanted.has(name!)) continue;
    result += writer.rewrite(text.slice(at, match.index)) + before + narrow(type!) + after;
    at = match.index + whole.length;
  }
  return result + writer.rewrite(text.slice(at));
}

/** Replaces comments by blanks, so that nothing in them is taken for code and all other characters keep their positions. */
function withoutComments(text: string): string {
  return text.replace(/\/\/.*$|\/\*[\s\S]*?\*\//gm, (comment) => comment.replace(/[^\n]/g, ' '));
}

/** Renames parameters and local variables of functions that hide one of `names`. */
function withoutShadows(text: string, names: readonly string[]): string {
  const scopes: Map<string, number>[] = [];
  /** Scopes of parameters and of loop variables, which end with the block that follows. */
  const headers = new Set<Map<string, number>>();
  let parameters = 0; // depth of parentheses in a function's head
  let result = '';
  let at = 0;
  const open = (header: boolean) => {
    scopes.push(new Map());
    if (header) headers.add(scopes.at(-1)!);
  };
  for (const { 0: token, index } of text.matchAll(/[{}()]|(?<![\w.])[A-Za-z_]\w*/g)) {
    const end = index + token.length;
    if (token === '(' && parameters > 0) parameters++;
    else if (token === ')' && parameters > 0) parameters = parameters === 2 ? 0 : parameters - 1;
    else if (token === '{') open(false);
    else if (token === '}') {
      scopes.pop();
      if (headers.has(scopes.at(-1)!)) scopes.pop();
    } else if (token === 'fn' || token === 'for') {
      open(true);
      if (token === 'fn') parameters = 1;
    } else if (names.includes(token)) {
      const local =
        scopes.length > 0 && /\b(?:let|var|const)(?:\s*<[^>]*>)?\s+$/.test(text.slice(Math.max(0, index - 40), index));
      const parameter = parameters > 0 && /^\s*:/.test(text.slice(end));
      // A variable exists only after its declaration: its initial value still uses the outer name.
      if (local) scopes.at(-1)!.set(token, text.indexOf(';', end));
      if (parameter) scopes.at(-1)!.set(token, index);
      const hidden = scopes.some((scope) => index > (scope.get(token) ?? text.length));
      if (!local && !parameter && !hidden) continue;
      result += `${text.slice(at, index)}${unused(`${token}_local`, text)}`;
      at = end;
    }
  }
  return result + text.slice(at);
}

/** The name, lengthened until it does not occur in the text. */
function unused(name: string, text: string): string {
  return text.includes(name) ? unused(`${name}_`, text) : name;
}

/** `f32` to `f16`, `vec4f` to `vec4h`. */
function narrow(type: string): string {
  return type === 'f32' ? 'f16' : type.replace('f', 'h');
}

const ASSIGNMENT = /^\s*(?:([-+*/])?=(?!=)|(\+\+|--|[%&|^]=|<<=|>>=))/;

class Rewriter {
  readonly #shader: string;
  readonly #types: ReadonlyMap<string, string>;
  readonly #use: RegExp;

  constructor(shader: string, types: ReadonlyMap<string, string>) {
    this.#shader = shader;
    this.#types = types;
    // A name after a dot is a member, such as the w of a vector.
    this.#use = new RegExp(`(?<![\\w.])(?:${[...types.keys()].join('|')})\\b`, 'g');
  }

  /** Converts all loads and stores in a piece of text. */
  rewrite(text: string): string {
    let result = '';
    let at = 0;
    for (const match of text.matchAll(this.#use)) {
      if (match.index < at) continue; // inside an index or a value that has been rewritten already
      const [name] = match;
      const open = skipSpace(text, match.index + name.length);
      if (text[open] !== '[') throw this.#error(name, 'is used without an index');
      const close = this.#closing(text, open);
      const element = `${name}[${this.rewrite(text.slice(open + 1, close))}]`;
      const component = /^\s*(?:\.\w+|\[[^[\]]*\])/.exec(text.slice(close + 1))?.[0] ?? '';
      const after = close + 1 + component.length;
      const assignment = ASSIGNMENT.exec(text.slice(after));
      result += text.slice(at, match.index);
      if (assignment) {
        const [operator, sign, other] = assignment;
        if (other) throw this.#error(name, `is changed by ${other}`);
        const end = this.#endOfStatement(text, after + operator.length, name);
        const value = this.rewrite(text.slice(after + operator.length, end)).trim();
        result += this.#store(name, element, this.rewrite(component), sign, value);
        at = end;
      } else {
        result += `${this.#types.get(name)}(${element})`;
        at = close + 1;
      }
    }
    return result + text.slice(at);
  }

  #store(name: string, element: string, component: string, sign: string | undefined, value: string): string {
    const type = component ? 'f32' : this.#types.get(name)!;
    const target = element + component;
    const sum = sign ? `${type}(${target}) ${sign} (${value})` : value;
    return `${target} = ${narrow(type)}(${sum})`;
  }

  /** Position of the bracket that closes the one at `open`. */
  #closing(text: string, open: number): number {
    let depth = 0;
    for (let i = open; i < text.length; i++) {
      if ('[('.includes(text[i]!)) depth++;
      if ('])'.includes(text[i]!) && --depth === 0) return i;
    }
    throw this.#error(text.slice(open, open + 20), 'has no end');
  }

  #endOfStatement(text: string, from: number, name: string): number {
    let depth = 0;
    for (let i = from; i < text.length && depth >= 0; i++) {
      if ('[('.includes(text[i]!)) depth++;
      else if ('])'.includes(text[i]!)) depth--;
      else if (text[i] === ';' && depth === 0) return i;
    }
    throw this.#error(name, 'is stored to where no statement ends, as in the head of a loop');
  }

  #error(name: string, what: string): ArgumentError {
    return new ArgumentError(
      `shader ${this.#shader}: ${name} cannot be stored as f16, since it ${what}; load and store whole elements or their components.`,
    );
  }
}

function skipSpace(text: string, from: number): number {
  let at = from;
  while (/\s/.test(text[at] ?? '')) at++;
  return at;
}
