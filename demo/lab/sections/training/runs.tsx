/** The table of runs, with buttons to load, download, link, keep and remove each of them. */
import { useState } from 'preact/hooks';
import { curveColor } from '../../../draw/curveData.ts';
import { formatCount, formatNumber, formatPercent } from '../../../format.ts';
import { Button } from '../../../ui/controls.tsx';
import { Late } from '../../../ui/late.tsx';
import { Panel, ScrollBox } from '../../../ui/layout.tsx';
import { settingsLink } from '../../link.ts';
import { start } from '../../runs/actions.ts';
import { forgetRun, keepRun, kept } from '../../runs/kept.ts';
import { openModel, restoreRun } from '../../runs/openModel.ts';
import type { RunRecord } from '../../runs/record.ts';
import {
  changeRun,
  currentModel,
  curveVersion,
  dataObstacle,
  removeRun,
  running,
  runs,
  testing,
} from '../../runs/runs.ts';
import { areaUnderCurve, isSound, rocCurve } from '../../score.ts';
import { currentSettings } from '../../state/settings.ts';
import { settingsOf } from './runText.ts';

/** All runs side by side, and what can be done with their models. */
export function Runs() {
  const [link, setLink] = useState<string>();
  const list = runs.value;
  return (
    <Panel title="Runs" class="runs" note="A run is forgotten when the page is closed, unless you keep it.">
      <ModelButtons onLink={setLink} />
      {list.length > 0 && (
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
              {list.map((run) => (
                <Row key={run.id} run={run} onLink={setLink} />
              ))}
            </tbody>
          </table>
        </ScrollBox>
      )}
      {link !== undefined && (
        <Late
          load={async () => (await import('./linkDialog.tsx')).LinkDialog}
          properties={{ link, onClose: () => setLink(undefined) }}
        />
      )}
    </Panel>
  );
}

const NO_MODEL = ['No network is trained yet.', 'No network is loaded: press Load at one of the runs.'];

const NUMBERS = ['loss', 'validation', 'test', 'ROC area', 'images/s'];

function ModelButtons({ onLink }: { onLink: (link: string) => void }) {
  const model = currentModel.value;
  const idle = !running.value;
  const file = runs.value.find(({ id }) => id === model?.run)?.model;
  return (
    <div class="row">
      <Button
        disabled={!model || !idle || testing.value || dataObstacle.value !== undefined}
        onClick={() => start({ goOn: true })}
      >
        Train on
      </Button>
      <Button disabled={!file || !idle} onClick={() => download(file!, model!.name)}>
        Download model
      </Button>
      <label class={`button file ${idle ? '' : 'disabled'}`}>
        Open model file
        <input
          type="file"
          accept=".safetensors"
          disabled={!idle}
          onChange={({ currentTarget }) => {
            const [chosen] = currentTarget.files ?? [];
            if (chosen) openModel(chosen);
            currentTarget.value = ''; // the same file may be chosen again
          }}
        />
      </label>
      <Button onClick={() => onLink(settingsLink(currentSettings(), location.href))}>Share settings</Button>
      <span class="note">
        {model ? `In the network now: ${model.name}` : NO_MODEL[runs.value.some(({ model }) => model) ? 1 : 0]}
      </span>
    </div>
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

function download(bytes: Uint8Array<ArrayBuffer>, name: string): void {
  const url = URL.createObjectURL(new Blob([bytes], { type: 'application/octet-stream' }));
  const link = document.createElement('a');
  link.href = url;
  link.download = `${name.replace('.safetensors', '').replace(/[^\w.-]+/g, '-')}.safetensors`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000); // the browser reads it after the click
}
