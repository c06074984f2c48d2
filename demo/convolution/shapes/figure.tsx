/** The shapes of a convolutional layer: input, kernels and output, as boxes that follow the sliders. */
import type { ComponentChildren } from 'preact';
import { useEffect, useMemo, useState } from 'preact/hooks';
import { formatCount } from '../../format.ts';
import { Figure } from '../../lesson/figure.tsx';
import { array64 } from '../../lesson/reference/array64.ts';
import { convTerms } from '../../lesson/reference/conv2d.ts';
import { Slider } from '../../lesson/slider.tsx';
import { useOnDevice } from '../../lesson/useOnDevice.ts';
import { Verified } from '../../lesson/verified.tsx';
import { Button, Segmented } from '../../ui/controls.tsx';
import { Boxes } from './drawing.tsx';
import { type ConvLayer, outputShape, parameters } from './layer.ts';
import './shapes.css';

const SMALL: ConvLayer = { n: 2, height: 8, width: 8, channels: 3, kernels: 6, size: 5, stride: 1, padding: 'valid' };
const BASELINE: ConvLayer = { ...SMALL, n: 32, height: 128, width: 128, channels: 1, kernels: 32 };
const EXAMPLES = [
  { name: 'A small one', layer: SMALL },
  { name: 'The baseline’s first layer', layer: BASELINE },
  { name: 'The same in colour', layer: { ...BASELINE, channels: 3 } },
];

export function ShapesFigure() {
  const [layer, setLayer] = useState(SMALL);
  const { n, height, width, channels, kernels, size, stride, padding } = layer;
  const change = (part: Partial<ConvLayer>) => setLayer((before) => ({ ...before, ...part }));
  const [, outHeight, outWidth] = outputShape(layer);
  const largest = Math.max(height, width, outHeight, outWidth);
  return (
    <Figure
      id="shapes"
      title="Each kernel goes through all channels"
      text="A kernel has as many channels as its input, and makes one channel of the output: the one in magenta. So the output has as many channels as there are kernels."
    >
      <div class="chips">
        {EXAMPLES.map(({ name, layer: example }) => (
          <Button key={name} pressed={example === layer} onClick={() => setLayer(example)}>
            {name}
          </Button>
        ))}
      </div>
      <div class="shapes">
        <Stage
          name="Input"
          shape={`(${n}, ${height}, ${width}, ${channels})`}
          what="n pictures × height × width × channels"
        >
          <Boxes
            label="Input"
            {...{ count: n, height, width, channels, largest }}
            marked={{ height: Math.min(size, height), width: Math.min(size, width), channels }}
          />
        </Stage>
        <Stage
          name={kernels === 1 ? 'Kernel' : 'Kernels'}
          shape={`(${size}, ${size}, ${channels}, ${kernels})`}
          what="height × width × channels × kernels"
        >
          <Boxes
            label="Kernels"
            {...{ count: kernels, height: size, width: size, channels, largest }}
            marked={{ height: size, width: size, channels }}
          />
        </Stage>
        <Stage name="Output" shape={`(${outputShape(layer).join(', ')})`} what="n maps × height × width × kernels">
          <Boxes
            label="Output"
            {...{ count: n, height: outHeight, width: outWidth, channels: kernels, largest }}
            marked={{ height: outHeight, width: outWidth, channels: 1 }}
          />
        </Stage>
      </div>
      <Formulas layer={layer} />
      <div class="shape-sliders">
        <Slider label="Pictures n" value={n} min={1} max={64} step={1} onChange={(n) => change({ n })} />
        <Slider label="Height" value={height} min={5} max={128} step={1} onChange={(height) => change({ height })} />
        <Slider label="Width" value={width} min={5} max={128} step={1} onChange={(width) => change({ width })} />
        <Slider
          label="Channels"
          value={channels}
          min={1}
          max={8}
          step={1}
          onChange={(channels) => change({ channels })}
        />
        <Slider
          label="Kernels"
          value={kernels}
          min={1}
          max={100}
          step={1}
          onChange={(kernels) => change({ kernels })}
        />
        <Slider label="Kernel size" value={size} min={1} max={5} step={1} onChange={(size) => change({ size })} />
        <Slider label="Stride" value={stride} min={1} max={4} step={1} onChange={(stride) => change({ stride })} />
        <Segmented
          label="Padding"
          value={padding}
          options={[
            { value: 'valid', label: 'none' },
            { value: 'same', label: 'same' },
          ]}
          onChange={(padding) => change({ padding })}
        />
      </div>
    </Figure>
  );
}

function Stage(props: { name: string; shape: string; what: string; children: ComponentChildren }) {
  return (
    <div class="stage">
      <span class="matrix-name">{props.name}</span>
      {props.children}
      <code>{props.shape}</code>
      <span>{props.what}</span>
    </div>
  );
}

/** How many products a number of the output has, counted on the GPU; the sizes and parameters as the engine has them. */
function Formulas({ layer }: { layer: ConvLayer }) {
  const { height, width, channels, kernels, size, stride, padding } = layer;
  const [engine, setEngine] = useState<typeof import('./engine.ts')>();
  useEffect(() => {
    import('./engine.ts').then(setEngine, reportError);
  }, []);
  const [, outHeight, outWidth] = outputShape(layer);
  const middle = { row: Math.floor(outHeight / 2), column: Math.floor(outWidth / 2), kernel: 0 };
  const ones = useMemo(() => {
    const filled = (shape: readonly number[]) =>
      array64(new Float64Array(shape.reduce((a, b) => a * b, 1)).fill(1), shape);
    return { x: filled([height, width, channels]), w: filled([size, size, channels, kernels]), stride, padding };
  }, [height, width, channels, kernels, size, stride, padding]);
  const counted = useOnDevice(async (device) => (await import('../gpu.ts')).convolve(device, 'shapes', ones), [ones]);
  const products = convTerms(ones.x, ones.w, middle, { stride, padding }).length;
  const built = engine?.built(layer);
  const same = built && built.parameters === parameters(layer) && built.shape.join() === outputShape(layer).join();
  const side = (name: string, length: number, out: number) =>
    padding === 'same'
      ? `${name} ⌈${length} / ${stride}⌉ = ${out}`
      : `${name} ⌊(${length} − ${size}) / ${stride}⌋ + 1 = ${out}`;
  return (
    <div class="shape-formulas">
      <p>
        {side('Height', height, outHeight)}; {side('width', width, outWidth)}
      </p>
      <p>
        Parameters ({size}·{size}·{channels} + 1) · {kernels} = <strong>{formatCount(parameters(layer))}</strong>{' '}
        <span class={`verdict-by ${same ? 'equal' : same === false ? 'wrong' : ''}`}>
          {same
            ? 'the engine’s layer has them, too ✓'
            : same === false
              ? '⚠ the engine’s layer differs'
              : 'by the formula'}
        </span>
      </p>
      <p>
        With ones for all numbers, the output’s middle counts its products:{' '}
        <Verified
          name="products"
          value={counted?.[(middle.row * outWidth + middle.column) * kernels]}
          reference={products}
          digits={0}
        />
      </p>
    </div>
  );
}
