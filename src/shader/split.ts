/**
 * Dispatches in pieces: the text of a shader whose workgroups are told their place in a grid that several dispatches make up.
 * Every workgroup computes what it would have in one dispatch, bit for bit.
 */
import { ArgumentError } from '../errors.ts';
import type { Shader } from './shader.ts';

export type Grid = readonly [number, number, number];

/** A part of a grid: its first workgroup, and how many there are. */
export interface Piece {
  readonly origin: Grid;
  readonly workgroups: Grid;
}

/** Group and binding of the uniform variable, `vec3u`, that a piece's origin comes in. */
export const ORIGIN_GROUP = 1;

/** A grid in pieces along its longest axis, of nearly equal size. @param count at most; no axis is finer than its workgroups */
export function piecesOf(grid: Grid, count: number): Piece[] {
  const axis = grid.indexOf(Math.max(...grid));
  const length = grid[axis]!;
  const pieces = Math.min(length, count);
  const at = (piece: number) => Math.floor((length * piece) / pieces);
  return Array.from({ length: pieces }, (_, piece) => ({
    origin: [0, 0, 0].map((zero, i) => (i === axis ? at(piece) : zero)) as unknown as Grid,
    workgroups: grid.map((size, i) => (i === axis ? at(piece + 1) - at(piece) : size)) as unknown as Grid,
  }));
}

/**
 * The shader's text for dispatches of pieces. Lines keep their numbers.
 * @param code the shader's text, specialized
 * @param grid all workgroups
 * @throws ArgumentError for an entry point that asks for its place other than by `workgroup_id` and `num_workgroups`
 */
export function splitShader(shader: Shader, code: string, entryPoint: string, grid: Grid): string {
  const head = new RegExp(`\\bfn\\s+${entryPoint}\\s*\\(([^{]*)\\{`).exec(code);
  if (!head) throw new ArgumentError(`shader ${shader.name}: there is no entry point ${entryPoint}.`);
  if (/\bglobal_invocation_id\b/.test(head[1]!)) {
    throw new ArgumentError(`shader ${shader.name}: ${entryPoint} asks for global_invocation_id; use workgroup_id.`);
  }
  const origin = unused('piece_origin', code);
  let body = '';
  const parameters = head[1]!.replace(
    /@builtin\(\s*(workgroup_id|num_workgroups)\s*\)\s*(\w+)/g,
    (parameter: string, builtin: string, name: string) => {
      const own = unused(`${name}_piece`, code);
      body += ` let ${name} = ${builtin === 'workgroup_id' ? `${own} + ${origin}` : `vec3u(${grid.join(', ')})`};`;
      return parameter.replace(/\w+$/, own);
    },
  );
  const start = head.index + head[0].indexOf('(') + 1;
  const end = head.index + head[0].length;
  const declaration = `@group(${ORIGIN_GROUP}) @binding(0) var<uniform> ${origin}: vec3u;`;
  // Behind all else: directives must stay in front.
  return `${code.slice(0, start)}${parameters}{${body}${code.slice(end)}\n${declaration}`;
}

/** The name, lengthened until the text does not have it. */
function unused(name: string, text: string): string {
  return text.includes(name) ? unused(`${name}_`, text) : name;
}
