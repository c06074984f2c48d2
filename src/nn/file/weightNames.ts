/**
 * Finds the weight of a model for a name: the model's own name, or the name that Keras or TensorFlow.js gives to the same weight.
 * `setWeights` uses it.
 */
import { ArgumentError } from '../../errors.ts';
import { shown } from '../../shown.ts';
import type { Layer } from '../network.ts';

/** A layer's name, parsed. Frameworks name layers by type and number: `dense_1`, `dense_Dense2`. */
interface LayerName {
  readonly base: string;
  /** Counted from 0; undefined for a name that the user has chosen. */
  readonly number?: number;
}

/** Most characters of a name. Names may come from a file, and the time to parse one grows with the square of its length. */
const MOST_NAME = 4096;

/** Converts camel case to Keras' snake case: `batchNormalization` to `batch_normalization`. */
const snake = (name: string) => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

/** Parses a layer's name. @param kinds the types of the model's layers in snake case */
function layerName(name: string, kinds: ReadonlySet<string>): LayerName {
  // TensorFlow.js appends class and number: conv2d_Conv2D1 is the first.
  const [, kind = '', className = '', number] = /^([a-z\d_]+)_([A-Z][A-Za-z\d]*?)(\d+)$/.exec(name) ?? [];
  if (kinds.has(kind) && className.toLowerCase() === kind.replaceAll('_', '')) {
    return { base: kind, number: Number(number) - 1 };
  }
  const [, type, count = '0'] = /^(.*?)(?:_(\d+))?$/s.exec(name)!;
  const base = snake(type!);
  return kinds.has(base) ? { base, number: Number(count) } : { base: name };
}

const keyOf = ({ base, number }: LayerName, weight: string) => JSON.stringify([base, number ?? null, weight]);

/**
 * For each given weight, its index among the model's weights; -1 if the model does not have it. Names may be the model's own, or
 * those of Keras or TensorFlow.js for the same layers. If no weight has a name, the position is the index.
 * @param strict whether the weights must be all weights of the model and no others. Then numbers of layers may start anywhere
 * @throws ArgumentError for names that occur twice, and if `strict` is violated
 */
export function placesOf(layers: readonly Layer[], names: readonly unknown[], strict: boolean): number[] {
  const nameless = (name: unknown) => name === undefined || name === null;
  const fail = (why: string): never => {
    throw new ArgumentError(`setWeights: ${why}`);
  };
  if (names.every(nameless) && names.length > 0) {
    if (!strict) fail('{ strict: false } goes by the names of the weights, and these have no names.');
    return names.map((_, i) => i);
  }
  const bad = names.findIndex((name) => typeof name !== 'string' || name === '');
  if (bad >= 0) {
    fail(
      nameless(names[bad])
        ? `weight ${bad} has no name, though others have. Give all of them names, or none: then they go by position.`
        : `weight ${bad} must have a text for its name, got ${shown(names[bad])}.`,
    );
  }
  const own = layers.flatMap(({ weights }) => weights.map(({ name }) => name));
  const find = finder(layers, own, names as string[], strict);
  const places = (names as string[]).map(find);
  const given = new Map<number, string>();
  for (const [i, place] of places.entries()) {
    const [name, before] = [names[i] as string, given.get(place)];
    if (place < 0 && strict) {
      const list = own.length > 8 ? `${own.slice(0, 8).join(', ')}, …` : own.join(', ');
      fail(
        `the model has no weight ${shown(name)}; it has ${list || 'none'}. Leave all names out for weights in the order of ` +
          'getWeights; { strict: false } takes those that the model has.',
      );
    }
    if (before !== undefined) {
      fail(
        before === name
          ? `${shown(name)} is given twice.`
          : `${shown(before)} and ${shown(name)} are both the model's '${own[place]}'.`,
      );
    }
    if (place >= 0) given.set(place, name);
  }
  const missing = own.find((_, place) => !given.has(place));
  if (strict && missing !== undefined) {
    fail(
      `the model has ${own.length} weights, got ${names.length}: '${missing}' is missing. ` +
        '{ strict: false } sets some of the weights and leaves the others as they are.',
    );
  }
  return places;
}

/** Makes the function that finds the index of a weight by its name. */
function finder(layers: readonly Layer[], own: readonly string[], names: readonly string[], strict: boolean) {
  const kinds = new Set(layers.flatMap(({ type, weights }) => (weights.length > 0 ? [snake(type)] : [])));
  const parsed = layers.map(({ name }) => layerName(name, kinds));
  const byKey = new Map<string, number>();
  for (const [i, { weights }] of layers.entries()) {
    for (const { spec } of weights) byKey.set(keyOf(parsed[i]!, spec.name), byKey.size);
  }
  // Two of the model's own names parse to the same key, so only exact names can be matched.
  if (byKey.size < own.length) return (name: string) => own.indexOf(name);

  const known = new Set(layers.map(({ name }) => name));
  /**
   * Removes what Keras and TensorFlow.js add: the model's name in front, and behind it numbers for outputs and repeated
   * names.
   */
  const parse = (name: string) => {
    const [, path = '', weight = ''] = /^(.*)\/(.*?)(?:_\d+)?(?::\d+)?$/s.exec(name.slice(-MOST_NAME)) ?? [];
    let layer = path;
    while (!known.has(layer) && layer.includes('/')) layer = layer.slice(layer.indexOf('/') + 1);
    return { layer: layerName(layer, kinds), weight };
  };
  const given = names.map(parse);
  const numbers = (from: readonly LayerName[], kind: string) =>
    [...new Set(from.flatMap(({ base, number }) => (base === kind && number !== undefined ? [number] : [])))].sort(
      (a, b) => a - b,
    );
  const offsets = new Map<string, number>();
  for (const kind of strict ? kinds : []) {
    const [wanted, found] = [
      numbers(parsed, kind),
      numbers(
        given.map(({ layer }) => layer),
        kind,
      ),
    ];
    const offset = wanted[0]! - found[0]!;
    if (wanted.length === found.length && wanted.every((number, i) => number === found[i]! + offset)) {
      offsets.set(kind, offset);
    }
  }
  return (_: string, i: number) => {
    const { layer, weight } = given[i]!;
    const { base, number } = layer;
    const shifted = number === undefined ? layer : { base, number: number + (offsets.get(base) ?? 0) };
    return byKey.get(keyOf(shifted, weight)) ?? -1;
  };
}
