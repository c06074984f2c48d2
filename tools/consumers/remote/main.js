import { trainRemote } from './trainRemote.mjs';

trainRemote().then((result) => {
  document.title = result;
});
