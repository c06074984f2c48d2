/** A transposed convolution by hand: each number of a small map paints the kernel into a large one, and where stamps overlap they add up. */

import { cssColor, heat } from 'neurite/vis';
import { useEffect, useMemo, useState } from 'preact/hooks';
import { Figure } from '../../lesson/figure.tsx';
import { CellGrid, NumberGrid } from '../../lesson/numberGrid.tsx';
import { Slider } from '../../lesson/slider.tsx';
import { AllVerified, Verified } from '../../lesson/verified.tsx';
import { Button } from '../../ui/controls.tsx';
import { useVisible } from '../../ui/visible.ts';
import { stamp } from '../training/client.ts';
import { BothWays } from './bothWays.tsx';
import { Checkerboard } from './checkerboard.tsx';
import type { Stamped } from './gpu.ts';
import { type Example, FIRST, kernelOf, MAP_SIZE, MOST, type Painted, paintedBy, withKernel } from './painting.ts';
import { Sum } from './sum.tsx';
import { place, signed } from './text.ts';

/** Milliseconds from one stamp to the next. */
const STAMP_MS = 400;

/** Background and text of a pixel, by how often it is painted. */
function colorOf(count: number, most: number) {
  const share = count / most;
  return { background: cssColor(heat, share), dark: share < 0.57 };
}

/** Where most stamps overlap. */
const mostPainted = ({ counts }: Painted) => counts.indexOf(Math.max(...counts));

export function Painting() {
  const [example, setExample] = useState(FIRST);
  const painted = useMemo(() => paintedBy(example), [example]);
  const [chosen, setChosen] = useState<number>();
  const [pointed, setPointed] = useState<number>();
  const { element, visible } = useVisible<HTMLDivElement>();
  const { stamps, play } = useStamps(visible);
  const computed = useStamped(example);
  const { kernel, stride } = example;
  const pixel = chosen !== undefined && chosen < painted.values.length ? chosen : mostPainted(painted);
  const terms = painted.termsAt(pixel);
  const most = Math.max(...painted.counts);
  const playing = stamps < MAP_SIZE ** 2;
  /** The number of the map whose stamp is shown. */
  const source = pointed ?? (playing ? stamps - 1 : undefined);
  const stampOf = (index: number) => paintedBy({ ...example, map: example.map.map((x, i) => (i === index ? x : 0)) });
  const inStamp = (index: number) =>
    source !== undefined && painted.termsAt(index).some(({ row, column }) => row * MAP_SIZE + column === source);
  const all = pointed === undefined ? painted.after(stamps) : stampOf(pointed).values;
  /** Whether something that is shown has painted a pixel; all others stay blank. */
  const reached = (index: number) =>
    pointed === undefined
      ? !playing || painted.termsAt(index).some(({ row, column }) => row * MAP_SIZE + column < stamps)
      : inStamp(index);
  const shown = all.map((value, i) => (reached(i) ? value : Number.NaN));
  const litInMap = (i: number) =>
    source === undefined ? terms.some(({ row, column }) => row * MAP_SIZE + column === i) : i === source;
  const litInKernel = (i: number) =>
    source !== undefined || terms.some(({ tapRow, tapColumn }) => tapRow * kernel + tapColumn === i);
  const change = (changes: Partial<typeof example>) => setExample({ ...example, ...changes });
  return (
    <Figure
      id="painting"
      title="How a generator paints: a transposed convolution"
      text="Each number of the small map stamps the kernel, times itself, onto the large one, where overlaps add up. Point at a number to see its stamp, or at a pixel to see its sum."
    >
      <div class="painting" ref={element}>
        <div class="painting-part">
          <span class="matrix-name">Map x</span>
          <NumberGrid
            label="Map"
            values={example.map}
            columns={MAP_SIZE}
            format={signed}
            classOf={(i) => (litInMap(i) ? 'lit' : undefined)}
            onPoint={setPointed}
            onChange={(map) => change({ map })}
          />
        </div>
        <div class="painting-part painting-kernel" style={{ '--count': kernel }}>
          <span class="matrix-name">Kernel K</span>
          <NumberGrid
            label="Kernel"
            values={kernelOf(example)}
            columns={kernel}
            format={signed}
            classOf={(i) => (litInKernel(i) ? 'lit' : undefined)}
            onChange={(values) => setExample(withKernel(example, values))}
          />
        </div>
        <div class="painting-part painting-result" style={{ '--count': painted.size }}>
          <span class="matrix-name">
            Painted y, {painted.size} × {painted.size}
          </span>
          <PixelGrid
            painted={painted}
            values={shown}
            most={most}
            chosen={source === undefined ? pixel : undefined}
            inStamp={inStamp}
            onChoose={setChosen}
          />
        </div>
        <div class="painting-side">
          <Slider
            label="Kernel"
            value={kernel}
            min={2}
            max={MOST.kernel}
            step={1}
            format={(k) => `${k} × ${k}`}
            onChange={(kernel) => change({ kernel })}
          />
          <Slider
            label="Stride"
            value={stride}
            min={1}
            max={MOST.stride}
            step={1}
            onChange={(stride) => change({ stride })}
          />
          <Checkerboard kernel={kernel} stride={stride} />
        </div>
      </div>
      <Sum {...{ example, terms, pixel }} stamp={source} size={painted.size} value={painted.values[pixel]!} />
      <Counts counts={painted.counts} most={most} />
      <p class="facts">
        <span>
          y{place(pixel, painted.size)} ={' '}
          <Verified
            name={`y${place(pixel, painted.size)}`}
            value={computed?.values[pixel]}
            reference={painted.values[pixel]!}
            digits={painted.values.every(Number.isInteger) ? 0 : 3}
          />
        </span>
        <AllVerified
          what={`All ${painted.values.length} numbers:`}
          values={computed?.values}
          references={painted.values}
        />
      </p>
      <div class="row">
        <Button onClick={play} resting={playing}>
          Paint again
        </Button>
        <Button onClick={() => setExample(FIRST)} resting={example === FIRST}>
          The numbers from before
        </Button>
      </div>
      <BothWays products={painted.products} computed={computed?.products} size={painted.size} />
    </Figure>
  );
}

/** What the GPU paints; undefined until it is there, and where there is none. */
function useStamped(example: Example): Stamped | undefined {
  const [stamped, setStamped] = useState<{ example: Example; result: Stamped | undefined }>();
  useEffect(() => {
    let wanted = true;
    stamp(example).then((result) => {
      if (wanted) setStamped({ example, result });
    }, reportError);
    return () => {
      wanted = false;
    };
  }, [example]);
  return stamped?.example === example ? stamped.result : undefined;
}

/** The stamps so far: one after the other when the figure is first seen, all of them where less motion is wanted. */
function useStamps(visible: boolean): { stamps: number; play: () => void } {
  const all = MAP_SIZE ** 2;
  const [stamps, setStamps] = useState(all);
  const [played, setPlayed] = useState(false);
  useEffect(() => {
    if (!visible || played || matchMedia('(prefers-reduced-motion: reduce)').matches) return;
    setPlayed(true);
    setStamps(1);
  }, [visible]);
  useEffect(() => {
    if (stamps >= all) return;
    const timer = setTimeout(() => setStamps(stamps + 1), STAMP_MS);
    return () => clearTimeout(timer);
  }, [stamps]);
  return { stamps, play: () => setStamps(1) };
}

function PixelGrid(props: {
  painted: Painted;
  values: Float64Array;
  most: number;
  chosen: number | undefined;
  inStamp: (index: number) => boolean;
  onChoose: (index: number) => void;
}) {
  const { painted, values, most, chosen, inStamp, onChoose } = props;
  return (
    <CellGrid
      label="Painted map"
      values={values}
      columns={painted.size}
      format={(value) => (Number.isNaN(value) ? '' : signed(value))}
      chosen={chosen}
      onChoose={onChoose}
      classOf={(i) => (inStamp(i) ? 'in-stamp' : undefined)}
      styleOf={(i) => {
        const { background, dark } = colorOf(painted.counts[i]!, most);
        return { background, color: dark ? '#fff' : '#000' };
      }}
    />
  );
}

/** What the colours mean. */
function Counts({ counts, most }: { counts: readonly number[]; most: number }) {
  const different = [...new Set(counts)].sort((a, b) => a - b);
  return (
    <p class="painting-counts">
      Colour: a pixel is painted
      {different.map((count) => (
        <span key={count} class="painting-count">
          <span class="swatch" style={{ background: colorOf(count, most).background }} />
          {count === 1 ? 'once' : count === 0 ? 'never' : `${count} times`}
        </span>
      ))}
    </p>
  );
}
