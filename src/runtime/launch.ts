/** Dispatches that are ready to be recorded, each whole or in pieces. */
import { type Grid, ORIGIN_GROUP, type Piece } from '../shader/split.ts';
import type { Device } from './device.ts';
import type { Kernel } from './pipelines.ts';

/** A dispatch with all that it takes. */
export interface PreparedDispatch {
  readonly pipeline: GPUComputePipeline;
  readonly bindGroup: GPUBindGroup;
  readonly workgroups: Grid;
  /** In place of one dispatch. */
  readonly pieces?: readonly { readonly workgroups: Grid; readonly offset: readonly number[] }[];
  readonly origins?: GPUBindGroup;
}

/** Every device can bind a uniform buffer at multiples of it, in bytes. */
const UNIFORM_ALIGNMENT = 256;

/** What a dispatch in pieces takes besides; the buffer, which tells each piece where it begins, is the caller's to destroy. */
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

/** Records a dispatch. @param share part of its workgroups that are launched; of one in pieces, all are */
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
  const longest = Math.max(x, y, z); // the one that can be cut the most finely
  const cut = Math.ceil(longest * share);
  if (x === longest) pass.dispatchWorkgroups(cut, y, z);
  else if (y === longest) pass.dispatchWorkgroups(x, cut, z);
  else pass.dispatchWorkgroups(x, y, cut);
}
