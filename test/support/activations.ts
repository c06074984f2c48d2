/** Shaders that take an activation, and those that are one: by their texts, in which nothing else tells them. */
import { linked, type Shader } from '../../src/shader/shader.ts';

/** What a shader that takes an activation has in its place, minified or not. */
export const IDENTITY = /fn activate\((\w+): ?vec4f\) ?-> ?vec4f ?{ ?return \1; ?}/;

export interface Activatable {
  readonly takers: readonly Shader[];
  readonly activations: readonly Shader[];
  /** Each of the first linked with each of the second. */
  readonly pairs: readonly Shader[];
}

/** @param texts all shaders by name */
export function activatable(texts: ReadonlyMap<string, string>): Activatable {
  const shaders = [...texts].map(([name, source]): Shader => ({ name, source }));
  const all = shaders.filter(({ source }) => /\bfn activate\(/.test(source));
  const takers = all.filter(({ source }) => IDENTITY.test(source));
  const activations = all.filter((shader) => !takers.includes(shader));
  const pairs = takers.flatMap((taker) => activations.map((activation) => linked(taker, activation)));
  return { takers, activations, pairs };
}
