/**
 * Dispatches in pieces: rewrites a shader so that several smaller dispatches together do the work of one. Each piece
 * gets the position of its first workgroup in a uniform variable, so every workgroup computes the same bits as in the
 * one dispatch.
 */
import { ArgumentError } from '../errors.ts';
import type { Shader } from './shader.ts';

export type Grid = readonly [number, number, number];

/** A part of a grid: its first workgroup and its size. */
export interface Piece {
  readonly origin: Grid;
  readonly workgroups: Grid;
}

/** The bind group of the uniform variable, a `vec3u` at binding 0, that holds a piece's origin. */
export const ORIGIN_GROUP = 1;

/**
 * Cuts a grid along its longest axis into pieces of nearly equal size.
 * @param count number of pieces; there are fewer if the axis has fewer workgroups
 */
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
 * Rewrites a shader's text for dispatches of pieces. Line numbers do not change.
 * @param code the shader's text, specialized
 * @param grid the workgroups of all pieces together
 * @throws ArgumentError for an entry point that finds its position by `global_invocation_id`: only `workgroup_id` and
 *   `num_workgroups` are rewritten
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
  // The declaration comes last, because directives must come first.
  return `${code.slice(0, start)}${parameters}{${body}${code.slice(end)}\n${declaration}`;
}

/** The name, lengthened until it does not occur in the text. */
function unused(name: string, text: string): string {
  return text.includes(name) ? unused(`${name}_`, text) : name;
}
