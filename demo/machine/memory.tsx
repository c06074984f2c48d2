/** The memory of a training step: which tensors share a slot of the arena, and when. */
import { useState } from 'preact/hooks';
import { formatBytes, formatPercent } from '../format.ts';
import { Empty, Panel, ScrollBox } from '../ui/layout.tsx';
import { Values } from '../ui/values.tsx';
import { arenaBytes, type Bar, memoryMap } from './memoryMap.ts';
import type { Schedule } from './protocol/index.ts';
import { selected, shown } from './state.ts';

/** How the memory of a step is shared. */
export function Memory() {
  const schedule = shown.value;
  return (
    <Panel
      title="Memory over the step"
      note="Each bar is a tensor, from the dispatch that makes it to the last one that needs it; its height goes with its size. Tensors in one row lie in the same memory, one after another: what is no longer needed makes room."
    >
      {schedule ? <MemoryMap schedule={schedule} /> : <Empty>The map is drawn with the schedule.</Empty>}
    </Panel>
  );
}

function MemoryMap({ schedule }: { schedule: Schedule }) {
  const [bar, setBar] = useState<Bar>();
  const { bars, height } = memoryMap(schedule);
  const count = schedule.dispatches.length;
  const unit = 1000 / count;
  const mark = selected.value;
  return (
    <>
      <Sums schedule={schedule} />
      <ScrollBox label="Memory map">
        <svg
          class="memory"
          viewBox={`0 0 1000 ${height + 26}`}
          role="img"
          aria-label={`Memory map: ${bars.length} tensors in ${schedule.slots.length} slots over ${count} dispatches; the table below has the same data`}
        >
          {mark !== undefined && mark < count && (
            <rect class="memory-now" x={mark * unit} width={unit} y={0} height={height} />
          )}
          {bars.map((one) => (
            // The table below is for those who use no mouse.
            // biome-ignore lint/a11y/noStaticElementInteractions: the picture is one image with a table beside it
            <g key={one.tensor} onMouseEnter={() => setBar(one)}>
              <rect
                class={`memory-bar ${schedule.dispatches[one.first]!.phase} ${bar?.tensor === one.tensor ? 'marked' : ''}`}
                x={one.x * unit + 0.5}
                y={one.y}
                width={Math.max(1.5, one.width * unit - 1)}
                height={one.height}
                rx={2}
              />
              {one.width * unit > 7 * one.tensor.length && one.height > 13 && (
                <text x={one.x * unit + 5} y={one.y + Math.min(one.height / 2 + 4, 16)}>
                  {one.tensor}
                </text>
              )}
            </g>
          ))}
          <text x={0} y={height + 20}>
            dispatch 1
          </text>
          <text x={1000} y={height + 20} text-anchor="end">
            {count}
          </text>
        </svg>
      </ScrollBox>
      <p class="note memory-readout">
        {bar
          ? `${bar.tensor}: ${formatBytes(bar.bytes)}, slot ${bar.slot}, dispatches ${bar.first + 1} to ${bar.last + 1}`
          : 'Point at a bar to read what it is.'}
      </p>
      <p class="legend note">
        <span>Made in:</span>
        {[...new Set(schedule.dispatches.map(({ phase }) => phase))].map((phase) => (
          <span key={phase}>
            <span class={`swatch ${phase}`} aria-hidden="true" /> {phase}
          </span>
        ))}
      </p>
      <details>
        <summary>All {bars.length} tensors</summary>
        <ScrollBox label="Table of tensors">
          <table>
            <thead>
              <tr>
                <th scope="col">tensor</th>
                <th scope="col" class="number">
                  bytes
                </th>
                <th scope="col" class="number">
                  slot
                </th>
                <th scope="col" class="number">
                  from
                </th>
                <th scope="col" class="number">
                  to
                </th>
              </tr>
            </thead>
            <tbody>
              {bars.map((one) => (
                <tr key={one.tensor}>
                  <td>{one.tensor}</td>
                  <td class="number">{formatBytes(one.bytes)}</td>
                  <td class="number">{one.slot}</td>
                  <td class="number">{one.first + 1}</td>
                  <td class="number">{one.last + 1}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </ScrollBox>
      </details>
    </>
  );
}

function Sums({ schedule }: { schedule: Schedule }) {
  const { shared, apart } = arenaBytes(schedule);
  const total = (list: readonly { bytes: number }[]) => list.reduce((sum, { bytes }) => sum + bytes, 0);
  const rows: [string, string][] = [
    ['all together', formatBytes(schedule.peakBytes)],
    ['tensors of the step', formatBytes(shared)],
    ['without sharing', `${formatBytes(apart)}: ${formatPercent(1 - shared / apart, 0)} saved`],
    ['weights and optimizer', formatBytes(total(schedule.variables))],
    ['the batch', formatBytes(total(schedule.inputs))],
  ];
  return <Values class="limits" rows={rows} />;
}
