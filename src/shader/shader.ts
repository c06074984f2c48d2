/**
 * Reads and completes WGSL files: finds their bindings and entry points, fills in the constants of a dispatch, and
 * links an activation function into a kernel.
 */
import { ArgumentError } from '../errors.ts';
import { isNumber } from '../options.ts';

/** A file of the folder `shaders/`. It is valid WGSL; sizes are `override` declarations, whose values a dispatch gives. */
export interface Shader {
  /** File name without `.wgsl`. */
  readonly name: string;
  readonly source: string;
  /** The shaders that it was linked from. */
  readonly parts?: readonly Shader[];
}

export interface ShaderBinding {
  readonly binding: number;
  readonly access: 'read' | 'read_write';
}

/** The declarations in a shader that the planner and the runtime need. */
export interface ShaderInterface {
  /** Storage variables by name. */
  readonly bindings: ReadonlyMap<string, ShaderBinding>;
  /** Override declarations by name. */
  readonly overrides: ReadonlyMap<string, { readonly type: string; readonly hasDefault: boolean }>;
  readonly entryPoints: ReadonlySet<string>;
}

const BINDING = /@group\(0\)\s*@binding\((\d+)\)\s*var<storage,\s*(read|read_write)>\s*(\w+)\s*:/g;
// At the start of a line, or directly after another declaration: in the built package, a shader is a single line.
const OVERRIDE = /(?:^|(?<=[;}]))override\s+(\w+)\s*:\s*(\w+)\s*(=[^;]*)?;/gm;
const ENTRY_POINT = /@compute[^{;]*?\bfn\s+(\w+)/g;

const interfaces = new Map<string, ShaderInterface>();

/** Finds the bindings, overrides and entry points in a shader's text. The result is cached. */
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
 * Replaces the function `activate` of a shader, which is the identity, by that of another shader, with all that stands
 * in that file before its entry points, because the function may need it. Line numbers of the first shader do not
 * change.
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
 * Replaces every `override NAME: type;` in the shader's text by a `const` with the given value. Constants let compilers
 * unroll loops and drop bounds checks, and Safari is reported to mishandle overrides that size workgroup arrays.
 * @throws ArgumentError for a constant that the shader does not declare, and for one that is missing
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
