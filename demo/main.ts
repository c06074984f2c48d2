import { Chart } from './chart.ts';
import type { Command, Message, Point } from './messages.ts';

const byId = <T extends HTMLElement>(id: string) => document.getElementById(id) as T;
const [start, stop] = [byId<HTMLButtonElement>('start'), byId<HTMLButtonElement>('stop')];
const [preset, epochs] = [byId<HTMLSelectElement>('preset'), byId<HTMLInputElement>('epochs')];
const progress = byId<HTMLProgressElement>('progress');
const charts = [new Chart(byId('loss-chart'), 'loss'), new Chart(byId('accuracy-chart'), 'accuracy')];

const worker = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' });
const send = (command: Command) => worker.postMessage(command);

worker.addEventListener('message', ({ data }: MessageEvent<Message>) => show(data));
worker.addEventListener('error', ({ message }) => showProblem(`the worker failed: ${message || 'it did not load'}`));

byId('settings').addEventListener('submit', (event) => {
  event.preventDefault();
  if (start.disabled) return;
  setRunning(true);
  byId('problem').hidden = true;
  byId('test').textContent = 'measured when training is done';
  for (const chart of charts) chart.clear();
  showState('starting', 0);
  send({ type: 'start', preset: preset.value, epochs: Number(epochs.value) });
});

stop.addEventListener('click', () => {
  stop.disabled = true;
  send({ type: 'stop' });
});

function show(message: Message): void {
  switch (message.type) {
    case 'ready':
      byId('adapter').textContent = `${message.adapter}${message.software ? ': training is slow here' : ''}`;
      byId('data').textContent = message.data;
      preset.replaceChildren(...message.presets.map((name) => new Option(name)));
      setRunning(false);
      break;
    case 'model':
      byId('summary').textContent = message.summary;
      break;
    case 'progress':
      showState(message.what, message.done / message.total);
      break;
    case 'batches':
      for (const chart of charts) chart.addTraining(message.points);
      showNumbers(message.points.at(-1));
      break;
    case 'validation':
      for (const chart of charts) chart.addValidation(message.point);
      break;
    case 'tested':
      byId('test').textContent =
        `${message.accuracy.toFixed(4)} (loss ${message.loss.toFixed(4)}) on ${message.images} simulated images`;
      break;
    case 'end':
      setRunning(false);
      showState(message.outcome, message.outcome === 'done' ? 1 : 0);
      if (message.outcome === 'failed') showProblem(message.problem);
      break;
  }
}

function showNumbers(point: Point | undefined): void {
  if (!point) return;
  byId('loss').textContent = point.loss.toFixed(4);
  byId('accuracy').textContent = point.accuracy.toFixed(4);
}

function showState(text: string, part: number): void {
  byId('state').textContent = text;
  progress.value = part;
}

function setRunning(running: boolean): void {
  // Without a single preset no worker has said that it is ready: there is nothing to start.
  const ready = preset.options.length > 0;
  start.disabled = preset.disabled = epochs.disabled = running || !ready;
  stop.disabled = !running;
  if (!ready) byId('adapter').textContent = 'none';
}

function showProblem(text: string): void {
  const box = byId('problem');
  box.textContent = text;
  box.hidden = false;
}
