/** Records dispatches into a compute pass: each as one dispatch, or as several smaller ones (pieces). */
import { type Grid, ORIGIN_GROUP, type Piece } from '../shader/split.ts';
import type { Device } from './device.ts';
import type { Kernel } from './pipelines.ts';

/** A dispatch with its pipeline and its bind groups, ready to be recorded. */
export interface PreparedDispatch {
  readonly pipeline: GPUComputePipeline;
  readonly bindGroup: GPUBindGroup;
  readonly workgroups: Grid;
  /** The smaller dispatches that replace this one. Absent: it is not split. */
  readonly pieces?: readonly { readonly workgroups: Grid; readonly offset: readonly number[] }[];
  /** The first workgroup of each piece. */
  readonly origins?: GPUBindGroup;
}

/** In bytes. Every device can bind a uniform buffer at multiples of 256. */
const UNIFORM_ALIGNMENT = 256;

/**
 * What a dispatch in pieces needs besides its pipeline: the pieces, and a bind group with the first workgroup of each.
 * The caller destroys the buffer.
 */
export function inPieces(
  device: Device,
  label: string,
  { originLayout }: Kernel,
  pieces: readonly Piece[],
): Required<Pick<PreparedDispatch, 'pieces' | 'origins'>> & { buffer: GPUBuffer } {
  const words = UNIFORM_ALIGNMENT / 4;
  const origins = new Uint32Array(pieces.length * words);
  pieces.forEach(({ origin }, i) => {
    origins.set(origin, i * words);
  });
  const usage = GPUBufferUsage.UNIFORM | GPUBufferUsage.COPY_DST;
  const buffer = device.createBuffer(`${label}:origins`, origins.byteLength, usage);
  device.write(buffer, 0, origins);
  const entries = [{ binding: 0, resource: { buffer, size: 16 } }]; // a vec3u takes the room of four numbers
  return {
    buffer,
    origins: device.gpu.createBindGroup({ label, layout: originLayout!, entries }),
    pieces: pieces.map(({ workgroups }, i) => ({ workgroups, offset: [i * UNIFORM_ALIGNMENT] })),
  };
}

/** Records a dispatch. @param share fraction of its workgroups to launch. A dispatch in pieces is always launched whole. */
export function launch(pass: GPUComputePassEncoder, step: PreparedDispatch, share = 1): void {
  const { workgroups, pieces } = step;
  pass.setPipeline(step.pipeline);
  pass.setBindGroup(0, step.bindGroup);
  if (pieces) {
    for (const piece of pieces) {
      pass.setBindGroup(ORIGIN_GROUP, step.origins!, piece.offset);
      pass.dispatchWorkgroups(...piece.workgroups);
    }
    return;
  }
  const [x, y, z] = workgroups;
  const longest = Math.max(x, y, z); // cutting this axis comes nearest to the wanted share
  const cut = Math.ceil(longest * share);
  if (x === longest) pass.dispatchWorkgroups(cut, y, z);
  else if (y === longest) pass.dispatchWorkgroups(x, cut, z);
  else pass.dispatchWorkgroups(x, y, cut);
}
