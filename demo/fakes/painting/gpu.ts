/** The painting on the GPU: the engine's conv2dTranspose of the map, and both inner products. */
import { conv2d, conv2dTranspose, type Device, graph, mul, sum } from 'neurite';
import { onDevice } from '../../lesson/compute.ts';
import { arraysOf, type Example, MAP_SIZE } from './painting.ts';

const build = (kernel: number, strides: number, size: number) =>
  onDevice(() => {
    const g = graph();
    const x = g.input('x', [1, MAP_SIZE, MAP_SIZE, 1]);
    const w = g.input('w', [kernel, kernel, 1, 1]);
    const picture = g.input('picture', [1, size, size, 1]);
    const painted = conv2dTranspose(x, w, { strides });
    return {
      inputs: { x, w, picture },
      outputs: {
        painted,
        gatheredProduct: sum(mul(conv2d(picture, w, { strides }), x)),
        paintedProduct: sum(mul(picture, painted)),
      },
    };
  });

/** A graph for each kernel size and stride. */
const built = new Map<string, ReturnType<typeof build>>();

export interface Stamped {
  readonly values: number[];
  readonly products: { readonly gathered: number; readonly painted: number };
}

export async function paintOnGpu(device: Device, example: Example): Promise<Stamped> {
  const { x, w, picture } = arraysOf(example);
  const key = `${example.kernel} ${example.stride}`;
  if (!built.has(key)) built.set(key, build(example.kernel, example.stride, picture.shape[0]!));
  const { painted, gatheredProduct, paintedProduct } = await built.get(key)!(device, {
    x: x.data,
    w: w.data,
    picture: picture.data,
  });
  return { values: painted, products: { gathered: gatheredProduct[0]!, painted: paintedProduct[0]! } };
}
