/** Brings the page's record of the run under way up to date with the worker's events. */
import { batch } from '@preact/signals';
import { notify } from '../../frame/notify.ts';
import { lab, onEvent } from '../client.ts';
import type { LabEvent } from '../protocol/index.ts';
import {
  changeRun,
  currentModel,
  curveVersion,
  findRun,
  live,
  refreshModel,
  running,
  runRate,
  runState,
} from './runs.ts';

export function watchRuns(): void {
  onEvent((event) => batch(() => receive(event)));
}

function receive(event: LabEvent): void {
  switch (event.type) {
    case 'state':
      // Events and the end of a run come by two channels, so that its last state may come after its end.
      if (findRun(event.run)?.status === 'running' && runState.value !== 'stopping') runState.value = event.state;
      break;
    case 'begin': {
      const { run, examples, stepsPerEpoch, parameters, peakBytes, initialEpoch, startAtStep } = event;
      const at = initialEpoch + startAtStep / stepsPerEpoch;
      const { points = [], epochs = [] } = findRun(run) ?? {};
      changeRun(run, {
        examples,
        stepsPerEpoch,
        parameters,
        peakBytes,
        points: points.filter(({ x }) => x <= at),
        epochs: epochs.filter(({ x }) => x <= initialEpoch),
      });
      refreshModel(run, findRun(run)?.name ?? '');
      // What was set before there was a model has not reached it.
      if (runRate.value !== undefined && runRate.value !== findRun(run)?.settings.training.learningRate)
        lab.setLearningRate(runRate.value);
      break;
    }
    case 'steps': {
      const run = findRun(event.run);
      if (!run) break;
      run.points.push(...event.points);
      const last = run.points.at(-1);
      if (last) {
        live.value = {
          epoch: event.epoch,
          step: event.step,
          stepsPerEpoch: run.stepsPerEpoch ?? 1,
          epochs: run.settings.training.epochs,
          loss: last.loss,
          accuracy: last.accuracy,
          imagesPerSecond: event.imagesPerSecond,
          secondsLeft: event.secondsLeft,
          learningRate: event.learningRate,
        };
      }
      curveVersion.value++;
      break;
    }
    case 'epoch': {
      const { run: id, x, loss, accuracy, valLoss, valAccuracy } = event;
      const validation = valLoss === undefined ? {} : { valLoss, valAccuracy: valAccuracy! };
      findRun(id)?.epochs.push({ x, loss, accuracy, ...validation });
      changeRun(id, live.value ? { imagesPerSecond: live.value.imagesPerSecond } : {});
      curveVersion.value++;
      break;
    }
    case 'recovered':
      notify('note', event.message, { ofRun: true });
      break;
    case 'machine':
      // A run sends its own message when it has recovered.
      if (event.machine.state === 'asking' && !running.value)
        notify(
          'note',
          `The GPU was lost.${currentModel.value ? ' The network is kept: it goes on with the next GPU.' : ''}`,
        );
      break;
  }
}
