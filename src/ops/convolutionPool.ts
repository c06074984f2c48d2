/** What conv2dMaxPool and its gradients share where they work with the feature map after all. */
import type { ConvKernel, Convolution, LaunchList, Operand } from './convolution.ts';
import { maxPoolGradDispatch } from './maxPool2d.ts';
import type { Pool } from './pool.ts';

/**
 * `sparse` looks at the windows' choices alone: the least arithmetic, but scattered. `dense` spreads dy over the pixels that were
 * chosen and runs the convolution's own gradient; `gemm` does that with its workgroup-tiled kernel.
 */
export const GRAD_KERNELS = ['sparse', 'dense', 'gemm'] as const;
export type ConvPoolGradKernel = (typeof GRAD_KERNELS)[number];

/** The convolution inside, with the kernel that the outer one's name asks for. */
export function innerConvolution(conv: Convolution, kernel: string): Convolution {
  return { ...conv, kernel: kernel === 'gemm' ? 'gemm' : undefined };
}

/**
 * A list of kernels with `gemm` before `dense` or `apart`, where it is likely the fastest for the convolution inside; at the end where
 * somebody asks for it and it is able.
 */
export function withInner<K extends string>(
  kernels: readonly K[],
  inner: readonly ConvKernel[],
  asked: string | undefined,
): readonly (K | 'gemm')[] {
  if (inner[0] === 'gemm') {
    return kernels.flatMap((kernel) =>
      kernel === 'dense' || kernel === 'apart' ? ['gemm' as const, kernel] : [kernel],
    );
  }
  return asked === 'gemm' && inner.includes('gemm') ? [...kernels, 'gemm'] : kernels;
}

/** Adds the launch that spreads dy over the pixels of the feature map that were chosen. @returns the map's gradient */
export function addSpread(
  result: LaunchList,
  { conv, pool, relu }: { readonly conv: Convolution; readonly pool: Pool; readonly relu: boolean },
  dy: Operand,
  chosen: Operand,
): Operand {
  const dz = result.temporary('dz', conv.y, 'activations');
  result.add((node) => maxPoolGradDispatch(pool, dy.of(node), chosen.of(node), dz.of(node), relu));
  return dz;
}
