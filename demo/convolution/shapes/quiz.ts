/** Two convolutional layers with one number that does not fit. Which one it is follows from all others, and from nothing less. */

/** Shapes by the name of their tensor. Of pictures n, height, width and channels; of kernels height, width, channels and number. */
export interface Shapes {
  readonly x: readonly number[];
  readonly W1: readonly number[];
  readonly b1: readonly number[];
  readonly h: readonly number[];
  readonly W2: readonly number[];
  readonly b2: readonly number[];
  readonly y: readonly number[];
}

export type TensorName = keyof Shapes;

export interface Position {
  readonly tensor: TensorName;
  readonly axis: number;
}

export interface Puzzle {
  readonly shapes: Shapes;
  readonly wrong: Position;
  /** What should stand there. */
  readonly right: number;
}

/** The pictures are in colour. */
export const CHANNELS = 3;

function fitting(n: number, size: number, kernels: readonly [Kernels, Kernels]): Shapes {
  const [first, second] = kernels;
  const inner = size - first.size + 1;
  const outer = inner - second.size + 1;
  return {
    x: [n, size, size, CHANNELS],
    W1: [first.size, first.size, CHANNELS, first.count],
    b1: [first.count],
    h: [n, inner, inner, first.count],
    W2: [second.size, second.size, first.count, second.count],
    b2: [second.count],
    y: [n, outer, outer, second.count],
  };
}

interface Kernels {
  readonly size: number;
  readonly count: number;
}

/** Whether all shapes fit together: square colour pictures, square kernels, stride 1, no padding. */
export function fits(shapes: Shapes): boolean {
  const size = { size: shapes.W1[0]!, count: shapes.W1[3]! };
  const second = { size: shapes.W2[0]!, count: shapes.W2[3]! };
  const want = fitting(shapes.x[0]!, shapes.x[1]!, [size, second]);
  return TENSORS.every((tensor) => want[tensor].join() === shapes[tensor].join());
}

export const TENSORS: readonly TensorName[] = ['x', 'W1', 'b1', 'h', 'W2', 'b2', 'y'];

export const positionsOf = (shapes: Shapes): Position[] =>
  TENSORS.flatMap((tensor) => shapes[tensor].map((_, axis) => ({ tensor, axis })));

export const numberAt = (shapes: Shapes, { tensor, axis }: Position): number => shapes[tensor][axis]!;

export const withNumber = (shapes: Shapes, { tensor, axis }: Position, value: number): Shapes => ({
  ...shapes,
  [tensor]: shapes[tensor].map((number, other) => (other === axis ? value : number)),
});

/** No size in a puzzle is larger. */
const LARGEST = 160;

/** Where another number would make everything fit. */
export function mendable(shapes: Shapes): Position[] {
  return positionsOf(shapes).filter((position) =>
    Array.from({ length: LARGEST }, (_, i) => i + 1).some((value) => fits(withNumber(shapes, position, value))),
  );
}

/** @param random a number from 0 to 1, without 1 */
export function puzzle(random: () => number = Math.random): Puzzle {
  const among = <T>(values: readonly T[]) => values[Math.floor(random() * values.length)]!;
  for (;;) {
    const sizes = [3, 5, 7];
    const counts = [8, 16, 24, 32, 48, 64];
    const shapes = fitting(among([16, 32, 50, 64, 100]), among([28, 32, 48, 64, 128]), [
      { size: among(sizes), count: among(counts) },
      { size: among(sizes), count: among(counts) },
    ]);
    const wrong = among(positionsOf(shapes));
    const right = numberAt(shapes, wrong);
    // As one slips: by one or two, or to double and half.
    const slips = [right + 1, right - 1, right + 2, right - 2, 2 * right, right / 2];
    const value = among(slips.filter((slip) => slip > 0 && slip <= LARGEST && Number.isInteger(slip)));
    const changed = withNumber(shapes, wrong, value);
    if (mendable(changed).length === 1) return { shapes: changed, wrong, right };
  }
}

/** Why the number at a position must be another one. */
export function reason({ shapes, wrong, right }: Puzzle): string {
  const { x, W1, h, W2, y } = withNumber(shapes, wrong, right) as Record<TensorName, number[]>;
  const { tensor, axis } = wrong;
  const kernel = tensor === 'W1' || tensor === 'W2';
  if (tensor === 'b1' || tensor === 'b2') return `each of the ${right} kernels has one intercept.`;
  if (kernel && axis < 2) return 'the kernels are square.';
  if (kernel && axis === 2) return 'a kernel has as many channels as its input.';
  if (kernel) return 'each kernel has an intercept, and makes one channel of the output.';
  if (axis === 0) return `${right} pictures go in, and as many maps come out of each layer.`;
  if (axis === 3) return tensor === 'x' ? 'colour pictures have 3 channels.' : 'each kernel makes one channel.';
  if (tensor === 'x') return 'the pictures are square.';
  return tensor === 'h' ? `${x[1]} − ${W1[0]} + 1 = ${h[1]}.` : `${h[1]} − ${W2[0]} + 1 = ${y[1]}.`;
}
