import { byteLength, type Variable } from '../tensor.ts';

/**
 * In bytes. Every device can bind a buffer at multiples of 256; 512 keeps this true for an f16 copy, which has half the
 * size.
 */
const ALIGNMENT = 512;
/** Largest common buffer, in bytes: half of what every device can bind. */
const MOST_BYTES = 64 * 2 ** 20;

/** Bytes that a packed tensor occupies, with the gap before the next one. */
export function packedBytes(tensor: { readonly shape: readonly number[] }): number {
  return Math.ceil(byteLength(tensor) / ALIGNMENT) * ALIGNMENT;
}

/**
 * Places variables one after another in common buffers, so that one dispatch can update many of them. Their order is
 * kept. A variable that is larger than a common buffer gets its own. The content of the gaps is undefined.
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

/** Whether b follows a directly in the same buffer. */
export function isNext(a: Variable, b: Variable): boolean {
  return a.part !== undefined && a.part.of === b.part?.of && b.part.offset === a.part.offset + packedBytes(a);
}

/** One variable that stands for several which follow one another. */
export function rangeOf(variables: readonly Variable[]): Variable {
  const [first, last] = [variables[0]!, variables.at(-1)!];
  const bytes = last.part!.offset + byteLength(last) - first.part!.offset;
  return { name: `${first.name}..${last.name}`, shape: [bytes / 4], dtype: 'f32', part: first.part!, spans: variables };
}
