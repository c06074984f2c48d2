/**
 * A hash of 64 bits in hexadecimal: two FNV-1a hashes with different initial values
 * (http://www.isthe.com/chongo/tech/comp/fnv/). It hashes the bytes of texts, and the 32-bit words of arrays with
 * elements of that width, otherwise their bytes. Each step is a bijection, so inputs that differ in a single bit always
 * have different hashes.
 * @param parts the same bytes divided into other parts give another hash, and so does an undefined part
 */
export function hash(...parts: readonly (ArrayBufferView | string | undefined)[]): string {
  let [p, q] = [0x811c9dc5, 0x050c5d1f];
  for (const part of parts) {
    const words = wordsOf(part);
    p = Math.imul(p ^ words.length, 0x01000193);
    q = Math.imul(q ^ words.length, 0x01000193);
    for (let i = 0; i < words.length; i++) {
      const word = words[i]!;
      p = Math.imul(p ^ word, 0x01000193);
      q = Math.imul(q ^ word, 0x01000193);
    }
  }
  return [p, q].map((half) => (half >>> 0).toString(16).padStart(8, '0')).join('');
}

function wordsOf(part: ArrayBufferView | string | undefined): ArrayLike<number> {
  if (part === undefined) return [-1];
  if (typeof part === 'string') return new TextEncoder().encode(part);
  const { buffer, byteOffset, byteLength } = part;
  const wide = (part as Uint32Array).BYTES_PER_ELEMENT === 4;
  return wide ? new Uint32Array(buffer, byteOffset, byteLength / 4) : new Uint8Array(buffer, byteOffset, byteLength);
}
