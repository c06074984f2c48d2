/** The network as a drawing: a box for each tensor, as wide and deep as its shape says. */
import { formatCount, formatShape } from '../../../format.ts';
import { ScrollBox } from '../../../ui/layout.tsx';
import { info, layers } from '../../state/network.ts';
import { boxesOf } from './geometry.ts';

const TOP = 30;
const BOTTOM = 44;
const SIDE = 44;

/** The tensors between the layers, as boxes. */
export function Drawing() {
  const described = info.value;
  // The picture is there, too, where already the first layer does not fit.
  const input = described?.layers[0]?.inputShape ?? layers.value[0]?.options.inputShape;
  if (!described || !input) return <div class="drawing" />;
  const steps = described.layers.filter(({ type }) => type !== 'input');
  const shapes = [input, ...steps.map(({ outputShape }) => outputShape)];
  const { boxes, width, height } = boxesOf(shapes);
  const floor = TOP + height;
  const text = `Tensors of the network: ${shapes.map(formatShape).join(', then ')}`;
  const unfit = described.problem && layers.value.length > described.layers.length;
  return (
    <ScrollBox class="drawing" label="Drawing of the network">
      <svg
        viewBox={`${-SIDE} 0 ${width + 2 * SIDE} ${floor + BOTTOM}`}
        style={{ minWidth: `${(width + 2 * SIDE) * 0.75}px`, maxWidth: `${(width + 2 * SIDE) * 1.35}px` }}
        role="img"
        aria-label={text}
      >
        {boxes.map(({ x, width, height, depth, shape }, i) => {
          const top = floor - height;
          const back = depth * 0.6;
          const operation = steps[i];
          const next = boxes[i + 1];
          return (
            <g key={`${i} ${shape.join()}`}>
              <polygon
                class="box-top"
                points={`${x},${top} ${x + depth},${top - back} ${x + depth + width},${top - back} ${x + width},${top}`}
              />
              <polygon
                class="box-side"
                points={`${x + width},${top} ${x + width + depth},${top - back} ${x + width + depth},${floor - back} ${x + width},${floor}`}
              />
              <rect class="box-front" x={x} y={top} width={width} height={height} />
              <text x={x + (width + depth) / 2} y={floor + 16} text-anchor="middle" class="box-shape">
                {formatShape(shape)}
              </text>
              {operation && next && (
                <Operation
                  from={x + width + depth}
                  to={next.x}
                  y={floor - 14}
                  name={operation.className}
                  parameters={operation.parameters}
                />
              )}
            </g>
          );
        })}
        {unfit && (
          <text x={width + 12} y={floor - 30} class="box-unfit">
            ✕
          </text>
        )}
      </svg>
    </ScrollBox>
  );
}

function Operation(props: { from: number; to: number; y: number; name: string; parameters: number }) {
  const { from, to, y, name, parameters } = props;
  const middle = (from + to) / 2;
  return (
    <>
      <path class="arrow" d={`M${from + 6},${y} H${to - 7} m-5,-4 l5,4 l-5,4`} />
      <text x={middle} y={y - 8} text-anchor="middle" class="box-operation">
        {SHORT[name] ?? name}
      </text>
      {parameters > 0 && (
        <text x={middle} y={y + 14} text-anchor="middle" class="box-parameters">
          {formatCount(parameters)}
        </text>
      )}
    </>
  );
}

/** Names that fit between two boxes. */
const SHORT: Record<string, string> = {
  Conv2D: 'convolve',
  Conv2DTranspose: 'transposed',
  DepthwiseConv2D: 'depthwise',
  MaxPooling2D: 'max-pool',
  AveragePooling2D: 'mean-pool',
  GlobalAveragePooling2D: 'global mean',
  Flatten: 'flatten',
  Dense: 'dense',
  BatchNormalization: 'batch-norm',
  Activation: 'activation',
  Rescaling: 'rescale',
  Dropout: 'dropout',
  Reshape: 'reshape',
  ZeroPadding2D: 'pad',
  UpSampling2D: 'enlarge',
};
