/** Two results that one knows without computing them, and what the GPU makes of them. */
import { useMemo } from 'preact/hooks';
import { useOnDevice } from '../../lesson/useOnDevice.ts';
import { Verified } from '../../lesson/verified.tsx';
import { BLUR_SIZE, gaussian, KERNELS } from './kernels.ts';
import { pictureOf, RAMP_SLOPE, ramp, SIZE } from './picture.ts';
import { kernelOf } from './result.ts';

const CONSTANT = 0.7;

export function Checks({ sigma }: { sigma: number }) {
  const rising = useMemo(ramp, []);
  const even = useMemo(() => pictureOf(new Float64Array(SIZE ** 2).fill(CONSTANT)), []);
  const sobel = useOnDevice(
    async (device) => {
      const w = kernelOf(KERNELS.sobelX.numbers);
      return (await import('../gpu.ts')).convolve(device, 'Sobel of a ramp', { x: rising, w });
    },
    [rising],
  );
  const blur = useOnDevice(
    async (device) => {
      const w = kernelOf(gaussian(BLUR_SIZE, sigma));
      return (await import('../gpu.ts')).convolve(device, 'blur of a constant', { x: even, w });
    },
    [even, sigma],
  );
  return (
    <>
      <span>
        Sobel x of the ramp, 8 · 1/{SIZE} = <Verified name="sobel" value={sobel?.[0]} reference={8 * RAMP_SLOPE} />
      </span>
      <span>
        Blur of {CONSTANT} everywhere = <Verified name="blur" value={blur?.[0]} reference={CONSTANT} digits={1} />
      </span>
    </>
  );
}
