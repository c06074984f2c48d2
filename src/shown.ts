/**
 * The class of a value as the language names it: `Array`, `Object`, `ImageData`, … It also works for values of another
 * realm (an iframe).
 */
export function kindOf(value: unknown): string {
  return Object.prototype.toString.call(value).slice(8, -1);
}

/** Whether an object is a plain list or record, as in JSON. */
const isPlain = (value: object) => /^(Array|Object)$/.test(kindOf(value));

/** JSON of an object with at most 100 parts; undefined for others. */
function json(value: object): string | undefined {
  let room = 100;
  const part = (_: string, inner: unknown): unknown => {
    if (room-- === 0) throw value;
    const written = typeof inner === 'object' && inner !== null ? isPlain(inner) : typeof inner !== 'function';
    if (typeof inner === 'string') return inner.slice(0, 80);
    return written && typeof inner !== 'bigint' ? inner : shown(inner);
  };
  try {
    return JSON.stringify(value, part);
  } catch {
    return undefined; // it has too many parts, contains itself, or throws
  }
}

/** The shape of nested lists, measured along the first element of each. */
export function listShape(list: unknown): number[] {
  const shape: number[] = [];
  for (let at = list; Array.isArray(at) && shape.length < 8; at = at[0]) shape.push(at.length);
  return shape;
}

/** Describes any value for a message in a few words. It never contains the value's data, its source code or a long text. */
export function shown(value: unknown): string {
  if (typeof value === 'string') return `'${value.length > 80 ? `${value.slice(0, 80)}…` : value}'`;
  if (typeof value === 'function') return 'a function';
  if (typeof value === 'bigint') return `${value}n`.slice(-80);
  if (typeof value !== 'object' || value === null) return String(value).slice(0, 80);
  const text = isPlain(value) && json(value);
  if (text) return text.length > 80 ? `${text.slice(0, 80)}…` : text;
  if (Array.isArray(value)) return `a list of ${listShape(value).join(' x ')}`;
  const kind = kindOf(value);
  if (kind === 'Promise') return 'a Promise, which has to be awaited';
  const { length, byteLength, width, height } = value as Record<string, unknown>;
  const size = width !== undefined ? `${width} x ${height}` : length !== undefined ? `length ${length}` : byteLength;
  return `${/^[AEIO]|^HTML/.test(kind) ? 'an' : 'a'} ${kind}${size === undefined ? '' : ` of ${size}`}`;
}
