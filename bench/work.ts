/** The least arithmetic and memory traffic that a node needs with any kernel. */
import type { OpNode } from 'neurite';
import { product } from './batch.ts';

interface ConvLike {
  readonly w?: readonly number[];
  readonly y?: readonly number[];
}

/**
 * Floating-point operations: a multiplication and an addition count one each. Undefined for ops without products, whose
 * time depends on memory. A gradient through a max-pool counts only the chosen positions, because no others are needed.
 */
export function flopsOf({ op, inputs, outputs, attributes }: OpNode): number | undefined {
  const { conv, pool, w, y } = (attributes ?? {}) as ConvLike & { conv?: ConvLike; pool?: { y: readonly number[] } };
  if (op.name === 'matmul') {
    const [a] = inputs;
    const { transposeA } = attributes as { transposeA?: boolean };
    return 2 * product(outputs[0]!.shape) * a!.shape[transposeA ? 0 : 1]!;
  }
  if (conv?.w && conv.y && pool) {
    const positions = op.name.endsWith('Grad') ? pool.y : conv.y;
    return 2 * product(conv.w.slice(0, 3)) * product(positions);
  }
  return w && y && w.length === 4 ? 2 * product(w.slice(0, 3)) * product(y) : undefined;
}

/** Bytes of all inputs, each read once, and of all outputs, each written once. */
export function bytesOf({ op, inputs, outputs }: OpNode): number {
  const bytes = (list: OpNode['inputs']) => list.reduce((sum, { shape }) => sum + 4 * product(shape), 0);
  return bytes(inputs) + bytes(outputs) + bytes((op.mutates ?? []).map((index) => inputs[index]!));
}
