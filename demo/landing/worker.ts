/** The worker of the landing page: the pictures at once, then the engine and the network. See `Landing`. */
import * as Comlink from 'comlink';
import { cardsOf, trainedPicture } from './pictures.ts';
import type { Landing } from './protocol.ts';

/** Asked for by the first call of `connect`. */
let loading: Promise<typeof import('./learner.ts')> | undefined;

const learner = async () => {
  loading ??= import('./learner.ts');
  return (await loading).learner;
};

const landing: Landing = {
  cards: cardsOf,
  trainedPicture,
  connect: async (listener) => (await learner()).connect(listener),
  pause: async () => (await learner()).pause(),
  resume: async () => (await learner()).resume(),
  startOver: async () => (await learner()).startOver(),
  judge: async (pictures) => (await learner()).judge(pictures),
  lookAt: async (pixels) => (await learner()).lookAt(pixels),
};

Comlink.expose(landing);
