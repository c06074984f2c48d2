/** The network from left to right: the picture, what each layer makes of it, and the verdict. */
import '../../styles/net.css';
import { grey, lookOf, rangeOf } from 'neurite/vis';
import { useMemo, useRef } from 'preact/hooks';
import { ChannelMap } from '../../draw/channelMap.tsx';
import { channelOf } from '../../draw/positions.ts';
import { formatShape } from '../../format.ts';
import { ScrollBox } from '../../ui/layout.tsx';
import { IMAGE_SIZE, type Inspection, type LayerInfo, type LayerOutput, type LayerSpec } from '../protocol/index.ts';
import { channelIn, chosenRow, inspection } from '../sections/network/state.ts';
import { layers as edited, info } from '../state/network.ts';
import { usePictures } from '../state/usePictures.ts';
import { Count } from './count.tsx';
import { canOpen, open, openedUnit, unitByHand } from './state.ts';

/** Boxes of the baseline: room is made for no fewer, so that nothing moves when the network is known. */
const FEWEST = 5;

/** Names that fit above a box. */
const NAMES: Record<string, string> = {
  conv2d: 'convolution',
  conv2dTranspose: 'transposed',
  depthwiseConv2d: 'depthwise',
  maxPool2d: 'max-pool',
  avgPool2d: 'mean-pool',
  globalAvgPool2d: 'mean',
  batchNormalization: 'batch-norm',
  zeroPadding2d: 'zeros around',
  upSampling2d: 'enlarge',
};

/** From so many boxes on there is room for short names only. */
const MANY = 7;
const SHORT_NAMES: Record<string, string> = {
  convolution: 'conv',
  transposed: 'transp.',
  'batch-norm': 'norm',
  'max-pool': 'pool',
  'mean-pool': 'pool',
  'zeros around': 'zeros',
};

export function Net() {
  const described = info.value;
  const seen = inspection.value;
  const problem = described?.problem;
  const steps: readonly (LayerInfo | LayerOutput)[] =
    (problem ? described.layers : (seen?.layers ?? described?.layers)) ?? [];
  const shown = steps.filter(({ type }) => type !== 'input');
  const many = shown.length + 1 >= MANY;
  return (
    <ScrollBox class="net" label="The network, from left to right">
      <ol class={many ? 'many' : ''} style={{ '--steps': Math.max(FEWEST, shown.length + 1) }}>
        <li class="step">
          <span class="step-name">picture</span>
          <PictureBox seen={seen} />
          <Shape shape={seen?.input.shape ?? edited.value[0]?.options.inputShape ?? [IMAGE_SIZE, IMAGE_SIZE, 1]} />
        </li>
        {shown.map((layer) => (
          <Step key={layer.name} layer={layer} name={nameOf(layer, edited.value[steps.indexOf(layer)], many)} />
        ))}
        {problem && <li class="step step-unfit">✕</li>}
      </ol>
    </ScrollBox>
  );
}

function PictureBox({ seen }: { seen: Inspection | undefined }) {
  // Before there is a network, and without a GPU, it is the picture as it is.
  const row = chosenRow.value;
  const given = usePictures(row === undefined || seen ? [] : [row])?.[0]?.pixels;
  const { shape, data } = seen?.input ?? { shape: [IMAGE_SIZE, IMAGE_SIZE, 1], data: given };
  return (
    <span class="step-map">
      {data && <ChannelMap values={data} shape={shape} colors={grey} range={rangeOf(data)} label="The picture" live />}
      <WindowFrame index={-1} shape={shape} />
    </span>
  );
}

/** An activation is called by its function. @param spec what the editor has of the layer */
function nameOf({ type }: LayerInfo | LayerOutput, spec: LayerSpec | undefined, many: boolean): string {
  const { activation } = (spec?.options ?? {}) as { activation?: string };
  const name = type === 'activation' && spec?.type === type && activation ? activation : (NAMES[type] ?? type);
  return many ? (SHORT_NAMES[name] ?? name) : name;
}

/** Height and width stay together where it takes two lines. */
function Shape({ shape }: { shape: readonly number[] }) {
  const [places, channels] = [shape.slice(0, 2), shape[2]];
  return (
    <span class="step-shape">
      <span>{formatShape(places)}</span> {channels !== undefined && <span>× {channels}</span>}
    </span>
  );
}

function Step({ layer, name }: { layer: LayerInfo | LayerOutput; name: string }) {
  const made = 'data' in layer ? layer : undefined;
  const shape = made?.shape ?? (layer as LayerInfo).outputShape;
  const vector = shape.length !== 3;
  return (
    <li class={`step ${vector ? 'step-vector' : ''}`}>
      <span class="step-name">{name}</span>
      {made && !vector ? <MapBox layer={made} /> : <span class="step-map">{made && <VectorBox layer={made} />}</span>}
      <Shape shape={shape} />
      <Count layer={layer} />
    </li>
  );
}

const ARROWS: Record<string, [number, number]> = {
  ArrowUp: [-1, 0],
  ArrowDown: [1, 0],
  ArrowLeft: [0, -1],
  ArrowRight: [0, 1],
};

/** The map that is followed; a number of it is opened by pointing at it, or by the arrow keys. */
function MapBox({ layer }: { layer: LayerOutput }) {
  const button = useRef<HTMLButtonElement>(null);
  const [height, width, channels] = layer.shape as [number, number, number];
  const channel = channelIn(layer);
  const { values, look } = useMemo(() => {
    const values = channelOf(layer.data, channels, channel);
    return { values, look: lookOf(values) };
  }, [layer.data, channel]);
  const map = <ChannelMap values={values} shape={[height, width, 1]} colors={look.colors} range={look.range} />;
  const index = inspection.value!.layers.indexOf(layer);
  if (!canOpen(layer)) {
    return (
      <span class="step-map">
        {map}
        <WindowFrame index={index} shape={layer.shape} />
      </span>
    );
  }
  const at = openedUnit.value?.layer === layer ? openedUnit.value : undefined;
  const point = (event: PointerEvent) => {
    const { left, top, width: w, height: h } = button.current!.getBoundingClientRect();
    const [row, column] = [((event.clientY - top) / h) * height, ((event.clientX - left) / w) * width];
    open(layer, Math.floor(row), Math.floor(column));
  };
  const place = at ? `row ${at.row}, column ${at.column}` : 'open a number of it';
  return (
    <button
      ref={button}
      type="button"
      class="step-map"
      aria-pressed={at !== undefined}
      aria-label={`${layer.name}, map ${channel + 1} of ${channels}: ${place}`}
      title="Point at a pixel, or use the arrow keys"
      onPointerDown={point}
      onPointerMove={point}
      onClick={() => at || open(layer, Math.floor(height / 2), Math.floor(width / 2))}
      onKeyDown={(event) => {
        const move = ARROWS[event.key];
        if (!move || !at) return;
        event.preventDefault();
        open(layer, at.row + move[0], at.column + move[1]);
      }}
    >
      {map}
      <WindowFrame index={index} shape={layer.shape} />
      {at && <Frame top={at.row} left={at.column} height={1} width={1} shape={layer.shape} kind="frame-unit" />}
    </button>
  );
}

/** In what the opened layer gets: the window of the opened number. @param index of the layer whose maps these are; -1: the picture */
function WindowFrame({ index, shape }: { index: number; shape: readonly number[] }) {
  const unit = unitByHand.value;
  const next = openedUnit.value?.index;
  const first = inspection.value?.layers[0]?.type === 'input' ? 1 : 0;
  if (!unit || next === undefined || (next === first ? -1 : next - 1) !== index) return null;
  return <Frame {...unit} shape={shape} kind="frame-window" />;
}

function Frame(props: {
  top: number;
  left: number;
  height: number;
  width: number;
  shape: readonly number[];
  kind: string;
}) {
  const { top, left, height, width, shape, kind } = props;
  const part = (value: number, size: number) => `${(100 * value) / size}%`;
  return (
    <span
      key={`${top} ${left}`} // another one: to the browser, one that moves would be a page that moves
      class={`frame ${kind}`}
      style={{
        top: part(top, shape[0]!),
        left: part(left, shape[1]!),
        height: part(height, shape[0]!),
        width: part(width, shape[1]!),
      }}
    />
  );
}

/** Columns that long lists of numbers are broken into. */
const COLUMNS = 64;

/** A list of numbers as one tall box. */
function VectorBox({ layer: { data } }: { layer: LayerOutput }) {
  const { padded, rows, columns, look } = useMemo(() => {
    const columns = data.length > COLUMNS ? COLUMNS : 1;
    const rows = Math.ceil(data.length / columns);
    const padded = new Float32Array(rows * columns);
    padded.set(data);
    return { padded, rows, columns, look: lookOf(data) };
  }, [data]);
  return <ChannelMap values={padded} shape={[rows, columns, 1]} colors={look.colors} range={look.range} />;
}
