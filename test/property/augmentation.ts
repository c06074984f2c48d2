/** Random shapes and parameters of the ops that draw for each example. */
import type { Params as Affine } from '../../src/selftest/specs/randomAffine.ts';
import type { Params as Erase } from '../../src/selftest/specs/randomErase.ts';
import type { Params as Intensity } from '../../src/selftest/specs/randomIntensity.ts';
import type { Choices } from './choices.ts';
import { imageShape, type Shape } from './shapes.ts';

interface Drawn<P> {
  readonly shapes: readonly Shape[];
  readonly params: P;
}

/** The seed of a step, perhaps with the number of a first example, and a salt. */
const drawing = (choose: Choices) => ({
  seed: choose.chance(3) ? [choose.below(9999), choose.below(500)] : [choose.below(9999)],
  salt: choose.below(9),
});

const range = (choose: Choices, least: number, most: number): [number, number] => {
  const at = () => least + ((most - least) * choose.below(101)) / 100;
  return [at(), at()].sort((p, q) => p - q) as [number, number];
};

export function affine(choose: Choices): Drawn<Affine> {
  const x = imageShape(choose, 600);
  const [, h, w] = x as [number, number, number];
  const step = () => range(choose, 0.2, 3);
  const map = choose.of<() => Partial<Affine>>([
    () => ({ rotation: range(choose, -1, 1) }),
    () => ({ translation: [range(choose, -1.5 * h, 1.5 * h), range(choose, -1.5 * w, 1.5 * w)] }),
    () => ({ zoom: choose.chance(3) ? [step()] : [step(), step()] }),
    () => ({ flip: choose.of(['horizontal', 'vertical', 'horizontalAndVertical'] as const) }),
    () => ({ crop: [1 + choose.below(h), 1 + choose.below(w)] }),
  ])();
  const drawn = drawing(choose);
  const params = {
    ...drawn,
    ...map,
    fillMode: choose.of(['reflect', 'constant', 'wrap', 'nearest'] as const),
    interpolation: choose.of(['bilinear', 'bilinear', 'nearest'] as const),
    fillValue: choose.of([0, 0.5, -1]),
  };
  return { shapes: [x, [drawn.seed.length]], params };
}

export function rectangle(choose: Choices): Drawn<Erase> {
  const drawn = drawing(choose);
  const size = [1 + choose.below(9), 1 + choose.below(9)] as const;
  return {
    shapes: [imageShape(choose), [drawn.seed.length]],
    params: { ...drawn, size, fillValue: choose.of([0, 2]) },
  };
}

export function intensity(choose: Choices): Drawn<Intensity> {
  const drawn = drawing(choose);
  const change = choose.chance(2) ? { brightness: range(choose, -1, 1) } : { contrast: range(choose, 0, 2) };
  const valueRange = choose.of([[-3, 3], [-0.75, 0.5]] as const); // biome-ignore format: pairs
  return { shapes: [imageShape(choose), [drawn.seed.length]], params: { ...drawn, ...change, valueRange } };
}
