import { trainRemote } from './trainRemote.mjs';

trainRemote({ worker: './worker.bundle.js' }).then((result) => {
  document.title = result;
});
