/** Draws the curves of loss and accuracy for the picture of a run. */
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import type { TrainResult } from '../protocol.ts';

const COLORS = { batch: '#b9c2d0', training: '#1f6fb4', validation: '#d9730d' };

/** A curve of loss or accuracy: each batch, each epoch's mean, and validation, over epochs. */
export function drawCurve(target: HTMLElement, result: TrainResult, what: 'loss' | 'accuracy', width: number): void {
  const { history, batches } = result;
  const steps = batches[what].length / history.length;
  // Epochs end where their last batch does, so all the series share the batches' places.
  const x = batches[what].map((_, i) => (i + 1) / steps);
  const atEpochs = (value: (epoch: number) => number | undefined) =>
    x.map((_, i) => ((i + 1) % steps === 0 ? (value((i + 1) / steps - 1) ?? null) : null));
  const validation = atEpochs((epoch) => history[epoch]![what === 'loss' ? 'valLoss' : 'valAccuracy']);
  const hasValidation = validation.some((value) => value !== null);
  const label = what === 'loss' ? 'cross-entropy (nats)' : 'accuracy';
  const axis = {
    stroke: '#1d2430',
    grid: { stroke: '#e8ebf0' },
    ticks: { stroke: '#c3cad6' },
    font: '12px sans-serif',
  };
  const line = (name: string, color: string, points: boolean): uPlot.Series => ({
    label: name,
    stroke: color,
    width: points ? 2 : 1,
    spanGaps: true,
    points: { show: points, size: 7, fill: color },
  });
  new uPlot(
    {
      width,
      height: 300,
      legend: { live: false, markers: { width: 3 } },
      cursor: { show: false },
      scales: {
        x: { time: false, range: [0, history.length] },
        y: { range: what === 'loss' ? lossRange : accuracyRange },
      },
      axes: [
        { ...axis, label: 'epoch', labelFont: '13px sans-serif', incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000] },
        { ...axis, label, labelFont: '13px sans-serif' },
      ],
      series: [
        {},
        line('training, each batch', COLORS.batch, false),
        line('training, mean of the epoch', COLORS.training, true),
        ...(hasValidation ? [line('validation', COLORS.validation, true)] : []),
      ],
    },
    [x, batches[what], atEpochs((epoch) => history[epoch]![what]), ...(hasValidation ? [validation] : [])],
    target,
  );
}

function lossRange(_: uPlot, __: number, max: number): [number, number] {
  return [0, max > 0 ? max * 1.05 : 1];
}

/** From a round number below the lowest value, so that differences near 1 show. */
function accuracyRange(_: uPlot, min: number): [number, number] {
  return [Math.max(0, Math.floor(min * 10 - 0.01) / 10), 1.01];
}
