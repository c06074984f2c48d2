/** Shared by those kernels of conv2dMaxPool and its gradients that do write the feature map or its gradient. */
import type { ConvKernel, Convolution, LaunchList, Operand } from './convolution.ts';
import { maxPoolGradDispatch } from './maxPool2d.ts';
import type { Pool } from './pool.ts';

/**
 * `sparse` reads only the chosen pixel of each window: the least arithmetic, but scattered access. `dense` spreads dy
 * over the chosen pixels of the feature map and runs the convolution's own gradient; `gemm` does so with the
 * workgroup-tiled kernel.
 */
export const GRAD_KERNELS = ['sparse', 'dense', 'gemm'] as const;
export type ConvPoolGradKernel = (typeof GRAD_KERNELS)[number];

/** The inner convolution: with the kernel `gemm` if the outer kernel is `gemm`, otherwise with any. */
export function innerConvolution(conv: Convolution, kernel: string): Convolution {
  return { ...conv, kernel: kernel === 'gemm' ? 'gemm' : undefined };
}

/**
 * Adds `gemm` to a list of kernels: before `dense` or `apart` if it is probably the fastest for the inner convolution;
 * at the end if it was requested and can do the case.
 */
export function withGemmKernel<K extends string>(
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

/** Adds the dispatch that spreads dy over the chosen pixels of the feature map. @returns the gradient of the feature map */
export function addMaxPoolGrad(
  result: LaunchList,
  { conv, pool, relu }: { readonly conv: Convolution; readonly pool: Pool; readonly relu: boolean },
  dy: Operand,
  chosen: Operand,
): Operand {
  const dz = result.temporary('dz', conv.y, 'activations');
  result.add((node) => maxPoolGradDispatch(pool, dy.of(node), chosen.of(node), dz.of(node), relu));
  return dz;
}
