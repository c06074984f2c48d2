/** The table of runs, with buttons to load, download, link, keep and remove each of them. Loaded with the first run. */
import { curveColor } from '../../../draw/curveColor.ts';
import { formatCount, formatNumber, formatPercent } from '../../../format.ts';
import { Button } from '../../../ui/controls.tsx';
import { ScrollBox } from '../../../ui/layout.tsx';
import { settingsLink } from '../../link.ts';
import { download } from '../../runs/download.ts';
import { forgetRun, keepRun, kept } from '../../runs/kept.ts';
import { restoreRun } from '../../runs/openModel.ts';
import type { RunRecord } from '../../runs/record.ts';
import { changeRun, currentModel, curveVersion, removeRun, running, runs } from '../../runs/runs.ts';
import { TEST_TEXTS, testKindOf } from '../../runs/testPictures.ts';
import { areaUnderCurve, isSound, rocCurve } from '../../score.ts';
import { settingsOf } from './runText.ts';

const NUMBERS = ['loss', 'validation', 'test', 'ROC area', 'images/s'];

/** All runs side by side, and what can be done with their models. */
export function RunTable({ onLink }: { onLink: (link: string) => void }) {
  return (
    <ScrollBox label="Table of runs">
      <table>
        <thead>
          <tr>
            <th scope="col">run</th>
            <th scope="col">trained with</th>
            {NUMBERS.map((name) => (
              <th key={name} scope="col" class="number">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {runs.value.map((run) => (
            <Row key={run.id} run={run} onLink={onLink} />
          ))}
        </tbody>
      </table>
    </ScrollBox>
  );
}

function Row({ run, onLink }: { run: RunRecord; onLink: (link: string) => void }) {
  const { id, name, status, test } = run;
  const last = run.epochs.at(-1);
  const loss = last?.loss ?? run.points.at(-1)?.loss ?? Number.NaN;
  const sound = test && isSound(test) ? test : undefined;
  const numbers = [
    formatNumber(loss, 3),
    formatPercent(last?.valAccuracy ?? Number.NaN),
    formatPercent(sound?.accuracy ?? Number.NaN),
    sound ? formatNumber(areaUnderCurve(rocCurve(sound.labels, sound.fake)), 3) : '–',
    run.imagesPerSecond ? formatCount(run.imagesPerSecond) : '–',
  ];
  const show = (shown: boolean) => {
    changeRun(id, { shown });
    curveVersion.value++;
  };
  return (
    <tr class={currentModel.value?.run === id ? 'current' : ''}>
      <th scope="row">
        <label class="check">
          <input type="checkbox" checked={run.shown} onChange={(event) => show(event.currentTarget.checked)} />
          <span class="swatch" style={{ background: `var(${curveColor(id)})` }} aria-hidden="true" />
          {name}
        </label>
        <span class="note">{status === 'failed' ? `failed: ${run.problem}` : status}</span>
        <Actions run={run} onLink={onLink} />
      </th>
      <td class="run-settings">
        {settingsOf(run).map((line) => (
          <span key={line}>{line}</span>
        ))}
      </td>
      {NUMBERS.map((name, i) => (
        <td key={name} class="number" data-name={name}>
          {numbers[i]}
          {name === 'test' && sound && <span class="note">{TEST_TEXTS[testKindOf(run)].name}</span>}
        </td>
      ))}
    </tr>
  );
}

function Actions({ run, onLink }: { run: RunRecord; onLink: (link: string) => void }) {
  const { id, name, settings, status, model } = run;
  const isKept = kept.value.has(id);
  return (
    <div class="actions">
      <Button
        disabled={!model || running.value}
        label={`Load ${name} back into the network, with its settings`}
        onClick={() => restoreRun(id)}
      >
        Load
      </Button>
      <Button disabled={!model} label={`Download the model of ${name}`} onClick={() => download(model!, name)}>
        Download
      </Button>
      <Button label={`Link to the settings of ${name}`} onClick={() => onLink(settingsLink(settings, location.href))}>
        Link
      </Button>
      <Button
        pressed={isKept}
        disabled={status === 'running'}
        label={isKept ? `Keep ${name} in this browser no longer` : `Keep ${name} in this browser`}
        onClick={() => (isKept ? forgetRun(id) : keepRun(id))}
      >
        {isKept ? 'Kept' : 'Keep'}
      </Button>
      <Button
        disabled={status === 'running'}
        label={`Remove ${name}`}
        onClick={async () => {
          await forgetRun(id); // the row stays until then: a reload would bring it back
          removeRun(id);
        }}
      >
        Remove
      </Button>
    </div>
  );
}
