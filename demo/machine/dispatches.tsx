/** The table of dispatches of a training step. A click opens the shader of one. */
import { useState } from 'preact/hooks';
import { formatBytes, formatCount, formatMicroseconds, formatPercent } from '../format.ts';
import { Button } from '../ui/controls.tsx';
import { Empty, Panel, ScrollBox } from '../ui/layout.tsx';
import { machine } from './client.ts';
import type { BindingInfo, DispatchInfo, Schedule } from './protocol/index.ts';
import { ShaderDialog } from './shaderDialog.tsx';
import { measure, measuring, obstacle, selected, shown } from './state.ts';

/** Every dispatch of a training step, in its order. */
export function Dispatches() {
  const schedule = shown.value;
  const [open, setOpen] = useState<number>();
  return (
    <Panel
      title="The schedule of one training step"
      note="A dispatch runs one shader over many workgroups, and a workgroup is a few dozen threads that may share memory. The whole step was planned once; each time it is recorded as one pass and handed to the GPU in one submit, so that the page has hardly anything to do."
    >
      <Measure />
      {schedule ? (
        <ScrollBox class="schedule" label="Table of dispatches">
          <Table schedule={schedule} onOpen={setOpen} />
        </ScrollBox>
      ) : (
        <Empty>The schedule is planned as soon as there is a GPU.</Empty>
      )}
      {schedule && open !== undefined && schedule.dispatches[open] && (
        <ShaderDialog schedule={schedule} index={open} onClose={() => setOpen(undefined)} />
      )}
    </Panel>
  );
}

function Measure() {
  const times = shown.value?.microseconds;
  const why = obstacle.value;
  const software = machine.value.state === 'ready' && machine.value.software;
  return (
    <div class="row measure">
      <Button disabled={why !== undefined || measuring.value} onClick={() => measure()}>
        {measuring.value ? 'Measuring…' : 'Measure again'}
      </Button>
      <span class="note">
        {times
          ? `GPU time of one measured step: ${formatMicroseconds(sum(times))}${software ? ', on the CPU' : ''}.`
          : (why ?? ' ')}
      </span>
    </div>
  );
}

function Table({ schedule, onOpen }: { schedule: Schedule; onOpen: (index: number) => void }) {
  const { dispatches, microseconds, batchSize } = schedule;
  const total = microseconds ? sum(microseconds) : 0;
  const most = Math.max(1, ...(microseconds ?? []));
  const others = dispatches.filter(({ phase }) => phase !== 'check').length;
  let phase = '';
  return (
    <table>
      <thead>
        <tr>
          <th scope="col" class="number">
            #
          </th>
          <th scope="col">op</th>
          <th scope="col">for</th>
          <th scope="col">shader</th>
          <th scope="col" class="number">
            workgroups
          </th>
          <th scope="col" class="number">
            reads
          </th>
          <th scope="col" class="number">
            writes
          </th>
          <th scope="col">GPU time</th>
        </tr>
      </thead>
      <tbody>
        {dispatches.map((dispatch, i) => {
          const own = dispatch.phase;
          const first = own !== phase;
          phase = own;
          return (
            <>
              {first && (
                <tr key={`${own} ${i}`} class={`phase ${own}`}>
                  <th colSpan={8} scope="rowgroup">
                    {own === 'check' ? 'watch: is all still finite?' : own}
                  </th>
                </tr>
              )}
              <Row
                key={`${i} ${dispatch.label}`}
                dispatch={dispatch}
                index={i}
                onOpen={onOpen}
                time={
                  microseconds && {
                    microseconds: microseconds[i]!,
                    share: microseconds[i]! / total,
                    length: microseconds[i]! / most,
                  }
                }
              />
            </>
          );
        })}
      </tbody>
      <tfoot>
        <tr>
          <th colSpan={5} scope="row">
            {others} dispatches{others < dispatches.length && ' and the watch'}, batch of {batchSize}
          </th>
          <td class="number">{formatBytes(sum(dispatches.map((dispatch) => bytesOf(dispatch, 'read'))))}</td>
          <td class="number">{formatBytes(sum(dispatches.map((dispatch) => bytesOf(dispatch, 'read_write'))))}</td>
          <td>{microseconds ? formatMicroseconds(total) : '–'}</td>
        </tr>
      </tfoot>
    </table>
  );
}

interface RowProps {
  dispatch: DispatchInfo;
  index: number;
  onOpen: (index: number) => void;
  time: { microseconds: number; share: number; length: number } | undefined;
}

function Row({ dispatch, index, onOpen, time }: RowProps) {
  const { label, op, layer, shader, entryPoint, workgroups } = dispatch;
  const tensor = label.slice(op.length + 1); // `op:tensor`
  const mark = () => {
    selected.value = index;
  };
  return (
    <tr class={selected.value === index ? 'selected' : ''} onMouseEnter={mark} onFocusCapture={mark}>
      <td class="number">{index + 1}</td>
      <td>
        <button
          type="button"
          class="link-button"
          aria-label={`Shader of dispatch ${index + 1}, ${op}`}
          onClick={() => onOpen(index)}
        >
          {op}
        </button>
      </td>
      <td title={tensor}>{layer ?? tensor}</td>
      <td class="shader">
        {shader}.
        <wbr />
        {entryPoint}
      </td>
      <td class="number" title={workgroups.join(' × ')}>
        {formatCount(workgroups[0] * workgroups[1] * workgroups[2])}
      </td>
      <td class="number">{formatBytes(bytesOf(dispatch, 'read'))}</td>
      <td class="number">{formatBytes(bytesOf(dispatch, 'read_write'))}</td>
      <td class="time">
        {time ? (
          <>
            <span class="time-bar" style={{ width: `${2.5 * time.length}rem` }} />{' '}
            {formatMicroseconds(time.microseconds)}, {formatPercent(time.share, 0)}
          </>
        ) : (
          '–'
        )}
      </td>
    </tr>
  );
}

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
const bytesOf = ({ bindings }: DispatchInfo, access: BindingInfo['access']) =>
  sum(bindings.filter((binding) => binding.access === access).map(({ tensor }) => tensor.bytes));
