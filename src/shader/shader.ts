import { ArgumentError } from '../errors.ts';
import { isNumber } from '../options.ts';

/** A WGSL file as it lies in `shaders/`: valid WGSL, shapes left open as `override` declarations. */
export interface Shader {
  /** File name without `.wgsl`. */
  readonly name: string;
  readonly source: string;
  /** Those that it was linked from. */
  readonly parts?: readonly Shader[];
}

export interface ShaderBinding {
  readonly binding: number;
  readonly access: 'read' | 'read_write';
}

/** What the plan and the runtime need to know of a shader's text. */
export interface ShaderInterface {
  /** Storage variables by name. */
  readonly bindings: ReadonlyMap<string, ShaderBinding>;
  /** Override declarations by name. */
  readonly overrides: ReadonlyMap<string, { readonly type: string; readonly hasDefault: boolean }>;
  readonly entryPoints: ReadonlySet<string>;
}

const BINDING = /@group\(0\)\s*@binding\((\d+)\)\s*var<storage,\s*(read|read_write)>\s*(\w+)\s*:/g;
// At the start of a line, or after another declaration: a shader that is shipped is one line.
const OVERRIDE = /(?:^|(?<=[;}]))override\s+(\w+)\s*:\s*(\w+)\s*(=[^;]*)?;/gm;
const ENTRY_POINT = /@compute[^{;]*?\bfn\s+(\w+)/g;

const interfaces = new Map<string, ShaderInterface>();

/** Reads bindings, overrides and entry points off a shader's text. Cached by text. */
export function shaderInterface(shader: Shader): ShaderInterface {
  const known = interfaces.get(shader.source);
  if (known) return known;
  const text = shader.source.replace(/\/\/.*$/gm, '');
  const found: ShaderInterface = {
    bindings: new Map(
      [...text.matchAll(BINDING)].map(([, binding, access, name]) => [
        name!,
        { binding: Number(binding), access: access as ShaderBinding['access'] },
      ]),
    ),
    overrides: new Map(
      [...text.matchAll(OVERRIDE)].map(([, name, type, value]) => [name!, { type: type!, hasDefault: !!value }]),
    ),
    entryPoints: new Set([...text.matchAll(ENTRY_POINT)].map(([, name]) => name!)),
  };
  interfaces.set(shader.source, found);
  return found;
}

/**
 * A shader whose function `activate`, the identity, is that of another one, with all that stands in that file before its entry
 * points: what the function needs. Lines of the first keep their numbers.
 */
export function linked(shader: Shader, activation: Shader): Shader {
  const { source } = activation;
  const needed = source.slice(0, source.indexOf('@compute')).replace(/@group[^;]*;|override\s+N\s*:\s*u32;/g, '');
  return {
    name: `${shader.name}+${activation.name}`,
    source: `${shader.source.replace(/fn activate\([^}]*}/, '')}${needed}`,
    parts: [shader, activation],
  };
}

/**
 * The shader's text with every `override NAME: type;` replaced by a `const` of the given value. Constants let compilers
 * unroll loops and drop bounds checks, and Safari is reported to mishandle overrides that size workgroup arrays.
 * @throws ArgumentError for a constant that the shader does not declare, or one that it needs and does not get.
 */
export function specialize(shader: Shader, constants: Readonly<Record<string, number>>): string {
  const { overrides } = shaderInterface(shader);
  for (const name of Object.keys(constants)) {
    if (!overrides.has(name)) throw new ArgumentError(`shader ${shader.name}: no override is named ${name}.`);
  }
  return shader.source.replace(OVERRIDE, (declaration: string, name: string, type: string, value?: string) => {
    const constant = constants[name];
    if (constant !== undefined) return `const ${name}: ${type} = ${literal(shader, name, type, constant)};`;
    if (value === undefined) throw new ArgumentError(`shader ${shader.name}: override ${name} got no value.`);
    return declaration.replace('override', 'const');
  });
}

function literal(shader: Shader, name: string, type: string, value: number): string {
  const integer = type === 'u32' || type === 'i32';
  if (!isNumber(value) || (integer && !Number.isInteger(value)) || (type === 'u32' && value < 0)) {
    throw new ArgumentError(`shader ${shader.name}: ${value} is no value for override ${name}: ${type}.`);
  }
  if (type === 'bool') return value ? 'true' : 'false';
  if (integer) return type === 'u32' ? `${value}u` : `${value}i`;
  return Number.isInteger(value) && !String(value).includes('e') ? `${value}.0` : String(value);
}
