import { byteLength, type Variable } from '../tensor.ts';

/** Every device can bind a buffer at multiples of 256 bytes; a copy with half of the width must lie at such, too. */
const ALIGNMENT = 512;
/** Largest common buffer: half of what every device can bind. */
const MOST_BYTES = 64 * 2 ** 20;

/** Bytes that a packed tensor takes up, with the gap to the next one. */
export function packedBytes(tensor: { readonly shape: readonly number[] }): number {
  return Math.ceil(byteLength(tensor) / ALIGNMENT) * ALIGNMENT;
}

/**
 * The same variables laid one after another in common buffers, so that one dispatch can update many of them. Their order is
 * kept; one that is larger than a common buffer may be has its own. What lies in the gaps is undefined.
 */
export function packVariables(name: string, variables: readonly Variable[]): Variable[] {
  const groups: { bytes: number; members: Variable[] }[] = [];
  for (const variable of variables) {
    const bytes = packedBytes(variable);
    const last = groups.at(-1);
    if (last && last.bytes + bytes <= MOST_BYTES) {
      last.bytes += bytes;
      last.members.push(variable);
    } else groups.push({ bytes, members: [variable] });
  }
  return groups.flatMap(({ bytes, members }, index) => {
    if (members.length === 1) return members;
    const of: Variable = { name: `${name}${groups.length > 1 ? index : ''}`, shape: [bytes / 4], dtype: 'f32' };
    let end = 0;
    return members.map((variable): Variable => {
      const offset = end;
      end += packedBytes(variable);
      return { ...variable, part: { of, offset } };
    });
  });
}

/** Whether b lies right behind a, in the same buffer. */
export function isNext(a: Variable, b: Variable): boolean {
  return a.part !== undefined && a.part.of === b.part?.of && b.part.offset === a.part.offset + packedBytes(a);
}

/** One variable in place of several that lie one after another. */
export function rangeOf(variables: readonly Variable[]): Variable {
  const [first, last] = [variables[0]!, variables.at(-1)!];
  const bytes = last.part!.offset + byteLength(last) - first.part!.offset;
  return { name: `${first.name}..${last.name}`, shape: [bytes / 4], dtype: 'f32', part: first.part!, spans: variables };
}
