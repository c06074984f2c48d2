/** The page that `npm run train` opens. It does the work; its options and files come from Node. */
import type { TrainEvent, TrainOutcome, TrainRequest } from '../protocol.ts';
import { DATA_PATH, RECOVERED_PATH, UPLOAD_PATH } from '../protocol.ts';
import { outcomeOfTraining } from '../work/training.ts';

declare global {
  interface Window {
    /** Node's end: prints what happens. */
    reportToNode(event: TrainEvent): Promise<void>;
    train(request: TrainRequest): Promise<TrainOutcome>;
    stopTraining(): void;
  }
}

const stop = new AbortController();
window.stopTraining = () => stop.abort(new Error('stopped'));

window.train = (request) =>
  outcomeOfTraining(request, {
    dataFile: (name) => new URL(DATA_PATH + name, location.href),
    recoveredFile: (name) => new URL(RECOVERED_PATH + name, location.href),
    async save(name, body) {
      await fetch(UPLOAD_PATH + name, { method: 'POST', body });
    },
    report: (event) => void window.reportToNode(event),
    signal: stop.signal,
  });
