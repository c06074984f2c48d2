/** The curves of all runs that are shown, with a legend and a table of the same numbers. */

import { SMOOTHING } from 'neurite/vis';
import { useEffect, useState } from 'preact/hooks';
import type { Chart as ChartComponent, What } from '../../../draw/chart.tsx';
import { curveColor } from '../../../draw/curveColor.ts';
import { formatNumber, formatPercent } from '../../../format.ts';
import { Panel, ScrollBox } from '../../../ui/layout.tsx';
import type { RunRecord } from '../../runs/record.ts';
import { curveVersion, runs } from '../../runs/runs.ts';

/** Loss and accuracy of all runs that are shown, over epochs. */
export function Curves() {
  void curveVersion.value; // points are added in place: the first of a run make it appear
  const shown = runs.value.filter((run) => run.shown && run.points.length + run.epochs.length > 0);
  return (
    <>
      <div class="grid">
        <Panel title="Loss">
          <Chart what="loss" shown={shown} />
        </Panel>
        <Panel title="Accuracy">
          <Chart what="accuracy" shown={shown} />
        </Panel>
      </div>
      <p class="legend note">
        {shown.map((run) => (
          <span key={run.id} class="legend-run">
            <span class="swatch" style={{ background: `var(${curveColor(run.id)})` }} aria-hidden="true" /> {run.name}
          </span>
        ))}
        <span>line: training, smoothed over {SMOOTHING} steps; dots: held-out pictures</span>
      </p>
      <EpochTable run={shown.at(-1)} />
    </>
  );
}

/** The chart's library comes with the first curve. */
function Chart(properties: { what: What; shown: readonly RunRecord[] }) {
  const [loaded, load] = useState<{ readonly Chart: typeof ChartComponent } | undefined>(undefined);
  const wanted = properties.shown.length > 0;
  useEffect(() => {
    if (wanted) import('../../../draw/chart.tsx').then(load);
  }, [wanted]);
  return loaded ? <loaded.Chart {...properties} version={curveVersion.value} /> : <div class="chart" />;
}

/** What the curves show, as numbers. */
function EpochTable({ run }: { run: RunRecord | undefined }) {
  if (!run) return null;
  return (
    <details class="epochs">
      <summary>Numbers of each epoch: {run.name}</summary>
      <ScrollBox label={`Epochs of ${run.name}`}>
        <table>
          <thead>
            <tr>
              {['epoch', 'loss', 'accuracy', 'validation loss', 'validation accuracy'].map((name) => (
                <th key={name} class="number" scope="col">
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {run.epochs.map(({ x, loss, accuracy, valLoss = Number.NaN, valAccuracy = Number.NaN }) => (
              <tr key={x}>
                <td class="number">{x}</td>
                <td class="number">{formatNumber(loss)}</td>
                <td class="number">{formatPercent(accuracy)}</td>
                <td class="number">{formatNumber(valLoss)}</td>
                <td class="number">{formatPercent(valAccuracy)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </ScrollBox>
    </details>
  );
}
