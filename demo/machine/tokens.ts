/** The words of a WGSL text, for colouring. */

export type TokenKind = 'comment' | 'keyword' | 'type' | 'number' | 'attribute' | 'text';
export interface Token {
  kind: TokenKind;
  text: string;
}

const KEYWORDS = new Set(
  'alias break case const const_assert continue continuing default discard else enable fn for if let loop override return struct switch var while true false'.split(
    ' ',
  ),
);
const TYPES = /^(?:bool|[fiu](?:16|32)|vec[234][fiuh]?|mat[234]x[234][fh]?|array|atomic|ptr)$/;
const PATTERN =
  /\/\/.*|\/\*[\s\S]*?\*\/|@\w+|0x[\da-fA-F]+[iu]?|(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?[iufh]?|[A-Za-z_]\w*/g;

/** One list of tokens for each line. */
export function tokenLines(source: string): Token[][] {
  const lines: Token[][] = [[]];
  const push = (kind: TokenKind, text: string) => {
    text.split('\n').forEach((part, i) => {
      if (i > 0) lines.push([]);
      if (part) lines.at(-1)!.push({ kind, text: part });
    });
  };
  let end = 0;
  for (const match of source.matchAll(PATTERN)) {
    push('text', source.slice(end, match.index));
    push(kindOf(match[0]), match[0]);
    end = match.index + match[0].length;
  }
  push('text', source.slice(end));
  return lines;
}

function kindOf(word: string): TokenKind {
  if (word.startsWith('//') || word.startsWith('/*')) return 'comment';
  if (word.startsWith('@')) return 'attribute';
  if (/^[\d.]/.test(word)) return 'number';
  if (KEYWORDS.has(word)) return 'keyword';
  return TYPES.test(word) ? 'type' : 'text';
}
