/** A run's settings as a link to the page. */

import type {
  Hello,
  LayerSpec,
  OptimizerName,
  PresetName,
  Role,
  Roles,
  ScheduleName,
  TrainingSettings,
} from './protocol/index.ts';
import { SEGMENTS } from './protocol/index.ts';

export interface Settings {
  preset: PresetName | 'custom';
  layers: LayerSpec[];
  training: TrainingSettings;
  data: { imagesPerClass: number; seed: number; roles: Roles };
}

/** What links are checked against: the networks and the types of layers that the page knows. */
type Known = Pick<Hello, 'presets' | 'layerTypes'>;

/** Each layer is described with all before it: a link with thousands of layers would hold up the page that opens it. */
const MOST_LAYERS = 100;

const KEY = '#settings=';
const ROLE_LETTERS: Record<Role, string> = { train: 't', validate: 'v', test: 'e', unused: '-' };

/** A link to this page with the settings in its hash, which browsers do not send to the server. */
export function settingsLink(settings: Settings, page: string): string {
  const { layers, data, ...rest } = settings;
  const short = {
    ...rest,
    ...(settings.preset === 'custom' ? { layers } : {}),
    data: { ...data, roles: data.roles.map((role) => ROLE_LETTERS[role]).join('') },
  };
  const bytes = new TextEncoder().encode(JSON.stringify(short));
  const base64 = btoa(String.fromCharCode(...bytes));
  const text = base64.replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
  return page.split('#')[0] + KEY + text;
}

/**
 * Settings from a link's hash; undefined where it holds none.
 * @throws Error, for people, where it holds something else
 */
export function settingsFromLink(hash: string, known: Known): Settings | undefined {
  if (!hash.startsWith(KEY)) return undefined;
  try {
    const base64 = hash.slice(KEY.length).replaceAll('-', '+').replaceAll('_', '/');
    const bytes = Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
    return checked(JSON.parse(new TextDecoder().decode(bytes)), known);
  } catch {
    throw new Error('The settings in this link are damaged; the page starts with its own.');
  }
}

/** Only what is known is taken over, and only where it makes sense: a link may come from anywhere. */
function checked(given: { [key: string]: unknown }, { presets, layerTypes }: Known): Settings {
  const name = given.preset as PresetName | 'custom';
  if (name !== 'custom' && !Object.hasOwn(presets, name)) throw new Error();
  const layers = name === 'custom' ? checkedLayers(given.layers, layerTypes) : presets[name].layers;
  const t = given.training as TrainingSettings;
  const d = given.data as { imagesPerClass: number; seed: number; roles: string };
  const letters = Object.entries(ROLE_LETTERS) as [Role, string][];
  const roles = [...d.roles].map((letter) => letters.find(([, l]) => l === letter)![0]);
  if (roles.length !== SEGMENTS) throw new Error();
  return {
    preset: name,
    layers,
    training: {
      optimizer: oneOf<OptimizerName>(t.optimizer, ['adam', 'adamw', 'sgd', 'rmsprop']),
      learningRate: number(t.learningRate, 1e-7, 10),
      schedule: oneOf<ScheduleName>(t.schedule, ['constant', 'cosine']),
      batchSize: whole(t.batchSize, 1, 1024),
      epochs: whole(t.epochs, 1, 1000),
      seed: whole(t.seed, 0, 2 ** 31),
    },
    data: { imagesPerClass: whole(d.imagesPerClass, 1, 2048), seed: whole(d.seed, 0, 2 ** 31), roles },
  };
}

function checkedLayers(value: unknown, layerTypes: readonly string[]): LayerSpec[] {
  if (!Array.isArray(value) || value.length === 0 || value.length > MOST_LAYERS) throw new Error();
  return value.map(({ type, options }, i) => {
    if (!layerTypes.includes(type)) throw new Error();
    if (typeof options !== 'object' || options === null) throw new Error();
    // The first layer says what the images are like: grey or in colours; there is no field for anything else.
    const shape = JSON.stringify(options.inputShape);
    if (i === 0 ? !['[128,128,1]', '[128,128,3]'].includes(shape) : shape !== undefined) throw new Error();
    return { type, options }; // what they say is checked by the engine, as anything typed into the editor is
  });
}

function number(value: unknown, least: number, most: number): number {
  if (typeof value !== 'number' || !(value >= least && value <= most)) throw new Error();
  return value;
}

function whole(value: unknown, least: number, most: number): number {
  if (!Number.isInteger(value)) throw new Error();
  return number(value, least, most);
}

function oneOf<T extends string>(value: unknown, allowed: readonly T[]): T {
  const found = allowed.find((name) => name === value);
  if (!found) throw new Error();
  return found;
}
