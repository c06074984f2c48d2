/** Pooling: the largest number of each window is pinned, and a gradient that is sent back lands on the pins alone. */
import { useMemo, useState } from 'preact/hooks';
import { Figure } from '../../lesson/figure.tsx';
import { CellGrid, NumberGrid } from '../../lesson/numberGrid.tsx';
import { array64 } from '../../lesson/reference/array64.ts';
import { Slider } from '../../lesson/slider.tsx';
import { useOnDevice } from '../../lesson/useOnDevice.ts';
import { AllVerified, Verified } from '../../lesson/verified.tsx';
import { Button, Segmented } from '../../ui/controls.tsx';
import { Matrix } from '../matrix.tsx';
import { digitsOf, short } from '../text.ts';
import { changed, type How, MAP_SIZE, mapOf, PEAKS, pooled, type Shift, sentBack, shifted } from './map.ts';
import './pool.css';

/** What is sent back, as many as the pooled map has numbers. */
const GRADIENT = [1, -2, 3, 1, 2, -1, 1, 4, -3, 2, 1, 2, 1, -1, 2, 3];
const STILL: Shift = { down: 0, right: 0 };
/** Farther away little of the map would be left. */
const FARTHEST = 3;
const SHIFTS = [
  { label: '←', name: 'left', down: 0, right: -1 },
  { label: '→', name: 'right', down: 0, right: 1 },
  { label: '↑', name: 'up', down: -1, right: 0 },
  { label: '↓', name: 'down', down: 1, right: 0 },
];

export function PoolFigure() {
  const [map, setMap] = useState(PEAKS);
  const [shift, setShift] = useState(STILL);
  const [size, setSize] = useState(2);
  const [how, setHow] = useState<How>('max');
  const [gradient, setGradient] = useState<readonly number[]>(GRADIENT);
  const [sent, setSent] = useState(false);
  const [place, setPlace] = useState(2);

  const numbers = useMemo(() => shifted(map, shift), [map, shift]);
  const result = useMemo(() => pooled(numbers, size, how), [numbers, size, how]);
  const { side, y, windows, pins } = result;
  const dy = useMemo(() => array64(gradient.slice(0, side ** 2), [side, side, 1]), [gradient, side]);
  const dx = useMemo(() => sentBack(dy, result, how), [dy, result]);
  const computed = useOnDevice(
    async (device) => (await import('../gpu.ts')).pool(device, 'pool', { x: mapOf(numbers), size, how, dy }),
    [numbers, size, how, dy],
  );
  const at = Math.min(place, side ** 2 - 1);
  const window = windows[at]!;
  const covered = new Set(windows.flat());
  const own = { '--size': size };
  return (
    <Figure
      id="pool"
      title="Pooling keeps what is there, and not exactly where"
      text="Of each window of the map one number is kept: its largest, which is pinned, or its mean. Move the picture by a pixel: a peak that stays within its window leaves the pooled map as it is."
    >
      <div class="row pool-controls">
        <Segmented
          label="Keep"
          value={how}
          options={[
            { value: 'max', label: 'the largest' },
            { value: 'mean', label: 'the mean' },
          ]}
          onChange={setHow}
        />
        <Slider label="Window" value={size} min={2} max={4} step={1} format={(n) => `${n} × ${n}`} onChange={setSize} />
        <div class="row">
          {SHIFTS.map(({ label, name, down, right }) => {
            const next = { down: shift.down + down, right: shift.right + right };
            const far = Math.max(Math.abs(next.down), Math.abs(next.right)) > FARTHEST;
            return (
              <Button key={name} label={`Move the picture ${name}`} resting={far} onClick={() => far || setShift(next)}>
                {label}
              </Button>
            );
          })}
        </div>
      </div>
      <div class="pool">
        <Matrix name="Feature map x">
          <div class="windows" style={own}>
            <NumberGrid
              label="Feature map"
              values={numbers}
              columns={MAP_SIZE}
              min={-9}
              max={9}
              format={short}
              classOf={(i) =>
                [
                  `heat-${Math.max(0, Math.round(numbers[i]!))}`,
                  window.includes(i) ? 'chosen' : '',
                  pins.includes(i) ? 'pin' : '',
                  covered.has(i) ? '' : 'left-out',
                ].join(' ')
              }
              onChange={(next) => {
                setMap(next);
                setShift(STILL);
              }}
            />
          </div>
        </Matrix>
        <span class="operator">→</span>
        <Matrix name="Pooled map y">
          <CellGrid
            label="Pooled map"
            values={y.data}
            columns={side}
            format={short}
            chosen={at}
            onChoose={setPlace}
            classOf={(i) => `heat-${Math.max(0, Math.round(y.data[i]!))}`}
          />
        </Matrix>
        <Matrix name="Gradient dL/dy">
          <NumberGrid
            label="Gradient by the pooled map"
            values={dy.data}
            columns={side}
            format={short}
            classOf={(i) => (i === at ? 'chosen' : undefined)}
            onChange={(next) => setGradient([...next, ...gradient.slice(side ** 2)])}
          />
        </Matrix>
        <span class="operator">→</span>
        <Matrix name="Sent back: dL/dx">
          <div class="windows" style={own}>
            <div
              class={`number-grid ${sent ? 'sent' : ''}`}
              role="img"
              aria-label={
                sent ? `Gradient by the map: ${Array.from(dx.data, short).join(' ')}` : 'Nothing is sent back yet'
              }
              style={{ gridTemplateColumns: `repeat(${MAP_SIZE}, var(--cell))` }}
            >
              {Array.from(dx.data, (value, i) => (
                <span
                  key={`${i}`}
                  class={['cell', sent && value !== 0 ? 'landed' : '', pins.includes(i) ? 'pin' : ''].join(' ')}
                >
                  {sent && value !== 0 && short(Number(value.toFixed(2)))}
                </span>
              ))}
            </div>
          </div>
        </Matrix>
      </div>
      <div class="row pool-controls">
        <Button kind="main" onClick={() => setSent(!sent)}>
          {sent ? 'Take the gradient away' : 'Send the gradient back'}
        </Button>
        <span class="pool-shift" role="status">
          {shiftText(shift, changed(map, numbers), changed(pooled(map, size, how).y.data, y.data), side ** 2)}
        </span>
      </div>
      <p class="facts">
        <span>
          {how} of {window.map((i) => short(numbers[i]!)).join(', ')} ={' '}
          <Verified name="pooled" value={computed?.y[at]} reference={y.data[at]!} digits={digitsOf(y.data[at]!)} />
        </span>
        <AllVerified
          what={`All ${y.data.length} + ${dx.data.length} numbers:`}
          values={computed && [...Array.from(computed.y), ...Array.from(computed.dx)]}
          references={[...y.data, ...dx.data]}
        />
      </p>
    </Figure>
  );
}

function shiftText({ down, right }: Shift, ofMap: number, ofPooled: number, count: number): string {
  const part = (changed: number, all: number) => `${changed} of ${all} (${Math.round((100 * changed) / all)} %)`;
  if (down === 0 && right === 0) return 'The picture has not been moved.';
  const ways = [
    ...(right === 0 ? [] : [`${Math.abs(right)} to the ${right > 0 ? 'right' : 'left'}`]),
    ...(down === 0 ? [] : [`${Math.abs(down)} ${down > 0 ? 'down' : 'up'}`]),
  ];
  return `Moved by ${ways.join(' and ')}: other numbers at ${part(ofMap, MAP_SIZE ** 2)} places of the map, at ${part(ofPooled, count)} of the pooled map.`;
}
