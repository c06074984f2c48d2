/** The self-test as a panel: a button to begin and to cancel it, then its verdict, its table and its report. */
import { useRef } from 'preact/hooks';
import { formatCount, formatPercent, formatSeconds, plural } from '../format.ts';
import { Button, CopyButton } from '../ui/controls.tsx';
import { Panel, ProgressBar, ScrollBox } from '../ui/layout.tsx';
import { adviceOn } from './advice.ts';
import { machine } from './client.ts';
import type { DeviceTest } from './protocol/index.ts';
import { cancelSelfTest, deviceTest, selfTestProgress, startSelfTest } from './selfTestRun.ts';

/** Whether the kernels compute on this device what they should. */
export function SelfTest() {
  const progress = selfTestProgress.value;
  const result = deviceTest.value;
  return (
    <Panel
      title="Does it compute right here?"
      class="self-test"
      note="Every kernel of every op runs on this device, forward and backward, at sizes that are odd on purpose, and is compared with the same sums in double precision on the CPU. Then a small network is trained for three steps."
    >
      <div class="row">
        {progress ? (
          <Button onClick={cancelSelfTest}>Cancel the test</Button>
        ) : (
          <Button disabled={machine.value.state !== 'ready'} onClick={startSelfTest}>
            {result ? 'Test this device again' : 'Test this device'}
          </Button>
        )}
        <Hint />
      </div>
      {progress && (
        <ProgressBar
          label="Progress of the self-test"
          progress={{
            what: `${progress.op}${progress.failed > 0 ? `, ${progress.failed} wrong so far` : ''}`,
            done: progress.done,
            total: progress.total,
          }}
        />
      )}
      <div role="status">{result && <Verdict result={result} />}</div>
      {result && <Result result={result} />}
    </Panel>
  );
}

function Hint() {
  const { value } = machine;
  if (value.state !== 'ready') return <span class="note">It needs a GPU.</span>;
  return (
    <span class="note">
      {`It compiles some 2,000 kernels, which takes a while${value.software ? ': minutes where the CPU computes' : ''}.`}
    </span>
  );
}

function Verdict({ result: { succeeded, summary, report } }: { result: DeviceTest }) {
  const { pipelines, milliseconds, ops } = report;
  const [tightest] = ops.toSorted((a, b) => share(b) - share(a));
  return (
    <p class={`verdict-line ${succeeded ? 'good' : 'problem'}`}>
      <strong>{`${summary[0]!.toUpperCase()}${summary.slice(1)}.`}</strong>{' '}
      {succeeded && tightest && share(tightest) > 0
        ? `The largest error takes ${formatPercent(share(tightest), 0)} of what float32 is allowed, in ${tightest.op}. `
        : ''}
      <span class="note">
        {plural(pipelines, 'compiled kernel')}, {formatSeconds(milliseconds / 1000)}
      </span>
    </p>
  );
}

type Op = DeviceTest['report']['ops'][number];

/** How much of its tolerance an op needs. */
const share = ({ worstError, tolerance }: Op) => (worstError === 0 ? 0 : worstError / tolerance);

function Result({ result }: { result: DeviceTest }) {
  const { failures, text, report, succeeded } = result;
  const details = useRef<HTMLDetailsElement>(null);
  return (
    <>
      {!succeeded && <p>{adviceOn(report)}</p>}
      {failures.length > 0 && (
        <ul class="failures">
          {failures.map((failure) => (
            <li key={failure}>{failure}</li>
          ))}
        </ul>
      )}
      {report.ops.length > 0 && (
        <ScrollBox class="schedule" label="Table of tested ops">
          <Table ops={report.ops} />
        </ScrollBox>
      )}
      <details ref={details}>
        <summary>The report as text</summary>
        <textarea
          readOnly
          rows={12}
          aria-label="Report"
          value={text}
          onFocus={(event) => event.currentTarget.select()}
        />
      </details>
      <CopyButton
        text={text}
        onFail={() => {
          details.current!.open = true; // to be copied by hand
          details.current!.querySelector('textarea')!.focus();
        }}
      >
        Copy report
      </CopyButton>
    </>
  );
}

const COLUMNS = ['cases', 'runs', 'wrong', 'worst error', 'allowed'];

function Table({ ops }: { ops: readonly Op[] }) {
  return (
    <table>
      <thead>
        <tr>
          <th scope="col">op</th>
          {COLUMNS.map((name) => (
            <th key={name} scope="col" class="number">
              {name}
            </th>
          ))}
          <th scope="col">of it</th>
        </tr>
      </thead>
      <tbody>
        {ops.map((op) => (
          <tr key={op.op} class={op.failed > 0 ? 'wrong' : ''}>
            <th scope="row" title={op.kernels.length > 0 ? `kernels: ${op.kernels.join(', ')}` : undefined}>
              {op.op}
            </th>
            <td class="number">{formatCount(op.cases)}</td>
            <td class="number">{formatCount(op.runs)}</td>
            <td class="number">{op.failed > 0 ? formatCount(op.failed) : '–'}</td>
            <td class="number">{errorText(op.worstError)}</td>
            <td class="number">{errorText(op.tolerance)}</td>
            <td class="time">
              <span class="time-bar" style={{ width: `${4 * Math.min(1, share(op))}rem` }} />{' '}
              {formatPercent(share(op), 0)}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

const errorText = (error: number) => (error === 0 ? '0' : error.toExponential(1));
