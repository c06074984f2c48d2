/** Tensors as boxes: height and width in front, channels to the back. */

/** Of a drawing, in its own units. */
const WIDTH = 300;
const HEIGHT = 190;
/** The largest picture's side. */
const LARGEST = 105;
/** Of a channel, where there are few, and of all channels together. */
const CHANNEL = 9;
const DEEPEST = 70;
/** More boxes than these are drawn as these. */
const MOST_BOXES = 3;
/** From one box to the next one behind it. */
const STEP = { x: 20, y: 11 };

interface BoxesProps {
  label: string;
  /** How many boxes: pictures, or kernels. */
  count: number;
  height: number;
  width: number;
  channels: number;
  /** Of the largest picture in all drawings, in its pixels. */
  largest: number;
  /** A part of the first box, in front: what one kernel looks at, or makes. */
  marked: { height: number; width: number; channels: number };
}

export function Boxes({ label, count, height, width, channels, largest, marked }: BoxesProps) {
  const unit = LARGEST / largest;
  const depth = Math.min(CHANNEL, DEEPEST / channels);
  const shown = Math.min(count, MOST_BOXES);
  const [w, h] = [Math.max(2, width * unit), Math.max(2, height * unit)];
  const left = 8;
  const top = HEIGHT - 8 - h;
  return (
    <svg class="boxes" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={label} data-live>
      {Array.from({ length: shown }, (_, i) => {
        const back = shown - 1 - i;
        return (
          <Box
            key={back}
            x={left + back * STEP.x}
            y={top - back * STEP.y}
            {...{ w, h }}
            d={channels * depth}
            kind="box"
          />
        );
      })}
      <Box
        x={left}
        y={top}
        w={Math.max(2, marked.width * unit)}
        h={Math.max(2, marked.height * unit)}
        d={marked.channels * depth}
        kind="box marked"
      />
    </svg>
  );
}

/** A box seen from the upper right. @param props.d its depth, before it is drawn slanted */
function Box({ x, y, w, h, d, kind }: { x: number; y: number; w: number; h: number; d: number; kind: string }) {
  const [dx, dy] = [d * 0.8, -d * 0.5];
  const polygon = (...points: readonly (readonly [number, number])[]) => points.map((point) => point.join()).join(' ');
  return (
    <g class={kind}>
      <polygon
        class="side"
        points={polygon([x + w, y], [x + w + dx, y + dy], [x + w + dx, y + h + dy], [x + w, y + h])}
      />
      <polygon class="top-face" points={polygon([x, y], [x + dx, y + dy], [x + w + dx, y + dy], [x + w, y])} />
      <rect class="front" {...{ x, y }} width={w} height={h} />
    </g>
  );
}
