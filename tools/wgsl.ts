/**
 * Minifies shaders: removes comments and white space, and shortens names. Entry points, `override` declarations,
 * storage and uniform variables and members of structs keep their names, because the runtime uses them.
 *
 * Names are resolved by the scopes of WGSL, so a local variable is distinguished from a function or a built-in that it
 * shadows. An original name has the same short name in all files, so that text which files share stays the same, which
 * makes gzip effective. Names that are declared outside of functions get different short names across all files,
 * because the runtime links the function `activate` of one file into another.
 */

interface Token {
  readonly text: string;
  /** A word is a name or a keyword. */
  readonly kind: 'word' | 'number' | 'mark';
  /** White space or a comment stood before it. */
  readonly spaced: boolean;
  /** It names something that may have another name. */
  free: boolean;
}

/**
 * The names in a function, or those outside of functions in all files. Names of one region must stay different from
 * each other.
 */
interface Region {
  readonly free: Set<string>;
  readonly fixed: Set<string>;
}

const COMMENT_OR_SPACE = /\/\/[^\n]*|\s+/y;
const TOKEN = /([\p{L}_][\p{L}\p{N}_]*)|((?:\d|\.\d)(?:(?<!0[xX]\w*)[eE][+-]|[pP][+-]|[\w.])*)|[\s\S]/uy;

/** Pairs of characters that would become one token, or begin a comment, if the white space between them went. */
const JOINED = /^(?:[\p{L}\p{N}_]{2}|--|\+\+|&&|\|\||<<|>>|->|\/[/*]|[-+*/%&|^<>=!]=)$/u;

/** Words of at most two letters that are no names: keywords and reserved words. */
const RESERVED = ['_', 'as', 'do', 'fn', 'if', 'of', 'on'];

/** The function that the runtime links by its name. */
const LINKED = 'activate';

const RESOURCES = ['storage', 'uniform'];
const STAGES = ['compute', 'vertex', 'fragment'];
/** Attributes whose arguments are words of their own, not names. */
const WORDED = ['builtin', 'interpolate', 'diagnostic'];

/**
 * @param sources valid WGSL by file name
 * @returns the same shaders by file name, each on one line
 */
export function minifyShaders(sources: ReadonlyMap<string, string>): Map<string, string> {
  const files = [...sources].map(([name, source]) => ({ name, tokens: tokenize(source) }));
  const outside: Region = { free: new Set(), fixed: new Set() };
  const regions = [outside, ...files.flatMap(({ tokens }) => resolveNames(tokens, outside))];
  const names = shortNames(
    files.flatMap(({ tokens }) => tokens),
    regions,
  );
  return new Map(files.map(({ name, tokens }) => [name, print(tokens, names)]));
}

function tokenize(source: string): Token[] {
  const tokens: Token[] = [];
  let spaced = false;
  for (let at = 0; at < source.length; ) {
    const blank = source.startsWith('/*', at) ? blockComment(source, at) : matchAt(COMMENT_OR_SPACE, source, at)?.[0];
    if (blank !== undefined) {
      spaced = true;
      at += blank.length;
      continue;
    }
    const [text, word, number] = matchAt(TOKEN, source, at)!;
    tokens.push({ text, kind: word ? 'word' : number ? 'number' : 'mark', spaced, free: false });
    spaced = false;
    at += text.length;
  }
  return tokens;
}

function matchAt(pattern: RegExp, text: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at;
  return pattern.exec(text);
}

/** The comment that begins at a place; block comments nest. */
function blockComment(source: string, from: number): string {
  let depth = 0;
  for (const mark of source.slice(from).matchAll(/\/\*|\*\//g)) {
    depth += mark[0] === '/*' ? 1 : -1;
    if (depth === 0) return source.slice(from, from + mark.index + 2);
  }
  return source.slice(from);
}

/** Marks the tokens of one file that may have another name. @returns its functions' regions */
function resolveNames(tokens: readonly Token[], outside: Region): Region[] {
  const scopes: Map<string, boolean>[] = [moduleNames(tokens)];
  for (const [name, free] of scopes[0]!) (free ? outside.free : outside.fixed).add(name);
  const regions: Region[] = [];
  /** A function's parameters and a loop's variable live as long as the block that follows: it closes their scope too. */
  const headers: boolean[] = [];
  let header = false;
  let region = outside;
  let members = false;
  let declared: string | undefined;

  for (let i = 0; i < tokens.length; i++) {
    const { text, kind } = tokens[i]!;
    if (text === '@') {
      i = endOfAttribute(tokens, i);
    } else if (text === '{') {
      scopes.push(new Map());
      headers.push(header);
      header = false;
    } else if (text === '}') {
      scopes.length -= headers.pop() ? 2 : 1;
      if (scopes.length === 1) {
        region = outside;
        members = false;
      }
    } else if (text === ';' && declared !== undefined) {
      // Not before: an initial value may use what the name shadows.
      scopes.at(-1)!.set(declared, true);
      declared = undefined;
    }
    if (kind !== 'word' || tokens[i - 1]?.text === '.') continue;
    if (scopes.length === 1 && ['enable', 'requires', 'diagnostic'].includes(text)) {
      while (tokens[i]!.text !== ';') i++;
    } else if (text === 'fn' || text === 'for') {
      if (text === 'fn') {
        region = { free: new Set(), fixed: new Set() };
        regions.push(region);
        mention(tokens[++i]!);
      }
      scopes.push(new Map());
      header = true;
    } else if (text === 'struct') {
      members = true;
      mention(tokens[++i]!);
    } else if (text === 'let' || text === 'const' || text === 'var') {
      i = nameAfter(tokens, i);
      if (scopes.length > 1) {
        declared = tokens[i]!.text;
        tokens[i]!.free = true;
        region.free.add(declared);
      } else mention(tokens[i]!);
    } else if (tokens[i + 1]?.text === ':' && header) {
      scopes.at(-1)!.set(text, true);
      mention(tokens[i]!);
    } else if (!(members && tokens[i + 1]?.text === ':')) {
      mention(tokens[i]!);
    }
  }
  return regions;

  function mention(token: Token): void {
    token.free = scopes.findLast((scope) => scope.has(token.text))?.get(token.text) ?? false;
    (token.free ? region.free : region.fixed).add(token.text);
  }
}

/** Names declared outside of functions, which are seen in the whole file, and whether each may have another name. */
function moduleNames(tokens: readonly Token[]): Map<string, boolean> {
  const names = new Map<string, boolean>();
  let depth = 0;
  let entry = false;
  tokens.forEach(({ text }, i) => {
    if (text === '{') depth++;
    if (text === '}') depth--;
    if (depth > 0) return;
    if (text === '@') entry ||= STAGES.includes(tokens[i + 1]!.text);
    if (!['fn', 'struct', 'alias', 'const', 'override', 'var'].includes(text)) return;
    const at = nameAfter(tokens, i);
    const resource = tokens.slice(i, at).some((token) => RESOURCES.includes(token.text));
    const handle = text === 'var' && at === i + 1; // a texture or a sampler
    const name = tokens[at]!.text;
    names.set(name, !(text === 'override' || (text === 'fn' && entry) || resource || handle || name === LINKED));
    entry = false;
  });
  return names;
}

/** Index of the name that a declaration gives; `var` may have an address space before it. */
function nameAfter(tokens: readonly Token[], keyword: number): number {
  let at = keyword + 1;
  if (tokens[at]?.text === '<') while (tokens[at++]!.text !== '>');
  return at;
}

/** Index of an attribute's last token that names nothing. */
function endOfAttribute(tokens: readonly Token[], at: number): number {
  const name = at + 1;
  if (!WORDED.includes(tokens[name]!.text)) return name;
  let end = name;
  while (tokens[end]!.text !== ')') end++;
  return end;
}

/** Short names, the shortest for the names that are used most; names that never meet in a region may share one. */
function shortNames(tokens: readonly Token[], regions: readonly Region[]): Map<string, string> {
  const uses = new Map<string, number>();
  for (const { text, free } of tokens) if (free) uses.set(text, (uses.get(text) ?? 0) + 1);
  const short = new Map<string, string>();
  for (const [name] of [...uses].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1))) {
    const around = regions.filter(({ free }) => free.has(name));
    const taken = new Set(RESERVED);
    for (const { free, fixed } of around) {
      for (const other of fixed) taken.add(other);
      for (const other of free) taken.add(short.get(other) ?? '');
    }
    short.set(name, firstName(taken));
  }
  return short;
}

function firstName(taken: ReadonlySet<string>): string {
  const letters = [...'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ'];
  const free = (name: string) => !taken.has(name);
  const pairs = () => letters.flatMap((first) => letters.map((second) => first + second));
  const found = letters.find(free) ?? pairs().find(free);
  if (!found) throw new Error('A shader has more names than two letters can tell apart.');
  return found;
}

function print(tokens: readonly Token[], names: ReadonlyMap<string, string>): string {
  let text = '';
  for (const token of tokens) {
    const word = token.free ? names.get(token.text)! : token.text;
    text += token.spaced && JOINED.test(text.slice(-1) + word[0]) ? ` ${word}` : word;
  }
  // A comma before a closing mark says nothing.
  return text.replace(/,(?=[)}])/g, '');
}
