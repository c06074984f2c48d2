/** What a page does that trains with the engine: loaded by losses.node.test.ts, which calls it. */
import { type Callback, type Model, privateFileStore, resume } from '../../src/index.ts';
import { COMPILE, contents, DATA, OPTIONS } from '../support/losses.ts';
import { toyModel } from '../support/toy.ts';

declare global {
  interface Window {
    /** Of the test: kills the GPU process. */
    kill?: () => Promise<void>;
    training: typeof training;
  }
}

/** So many that each of several losses comes before the end, however late the one before it was noticed. */
const EPOCHS = 24;

const training = {
  /** After each batch, in milliseconds: at this pace a reload comes in mid-training. */
  pause: 15,
  /** After so many batches it stays where it is. */
  hold: Number.POSITIVE_INFINITY,
  /** Batches that were told. */
  batches: 0,
  losses: [] as number[],
  running: undefined as Promise<string> | undefined,

  /** Trains to the end, and gives all that comes of it as text. @param kills after how many batches the GPU process dies */
  async train(store?: string, kills: number[] = []): Promise<string> {
    const model = toyModel();
    await model.compile(COMPILE);
    const history = await model.fit(DATA, {
      ...OPTIONS,
      epochs: EPOCHS,
      callbacks: callbacks(kills),
      recovery: {
        everySteps: 3,
        onRecovery: ({ stepsLost }) => void training.losses.push(stepsLost),
        ...(store === undefined ? {} : { store: privateFileStore(store) }),
      },
    });
    return textOf(model, history);
  },

  /** Goes on with what was cut off; undefined where there is nothing. */
  async resume(store: string): Promise<string | undefined> {
    const recovery = { everySteps: 3 };
    const resumed = await resume(DATA, { store: privateFileStore(store), callbacks: callbacks([]), recovery });
    return resumed && textOf(resumed.model, resumed.history);
  },
};

function callbacks(kills: number[]): Callback {
  const left = [...kills];
  training.batches = 0;
  training.losses = [];
  return {
    async onBatchEnd() {
      training.batches++;
      // One that dies before the last one was noticed would not count.
      const due = left[0] !== undefined && training.batches >= left[0];
      if (due && training.losses.length === kills.length - left.length) {
        left.shift();
        await window.kill!();
      }
      const held = training.batches >= training.hold;
      await new Promise((resolve) => held || setTimeout(resolve, training.pause));
    },
  };
}

async function textOf(model: Model, history: unknown): Promise<string> {
  const text = JSON.stringify({ file: contents(await model.save()), history });
  model.dispose();
  return text;
}

window.training = training;
