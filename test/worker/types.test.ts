/** The model in a worker has what `Model` has: that this file compiles is the test of it. */
import { expect, test } from 'vitest';
import { type Callback, layers, type Model, sequential } from '../../src/index.ts';
import type { MapSource } from '../../src/vis/featureMaps.ts';
import type { KernelSource } from '../../src/vis/kernels.ts';
import { type RemoteCallback, type RemoteFitOptions, type RemoteModel, remote } from '../../src/worker/index.ts';
import { LEFT_OUT } from '../../src/worker/types.ts';

/** Code for a model in a worker takes one of the page as well, and so do options and callbacks. */
const asRemote = (model: Model): RemoteModel => model;
/** Charts draw both. */
const asDrawn = (model: RemoteModel): KernelSource & MapSource => model;
const asCallback = (callback: Callback): RemoteCallback => callback;
/** A hook that `Callback` has and `RemoteCallback` has not would be an error here. */
const hooks: Record<Exclude<keyof Callback, keyof RemoteCallback>, never> = {};

const options: RemoteFitOptions = {
  transfer: true,
  callbacks: {
    async onEpochEnd(_, { loss }, training) {
      if (loss! < 0.1) training.stop();
      await training.model.save();
    },
  },
  // @ts-expect-error: a device of the page is of no use in a worker
  recovery: { device: () => undefined },
};

async function wrong(): Promise<void> {
  // @ts-expect-error: options of compile are not those of remote
  await remote([], { optimizer: 'adam' });
  const model = await remote([layers.dense({ units: 1, inputShape: [1] })]);
  // @ts-expect-error: the worker asks for a device by itself
  await model.compile({ device: {} });
  // @ts-expect-error: it is no method of a model in a worker
  model.apply;
}

test('what a model has is in a worker, too, or named as left out with what to do instead', async () => {
  const model = sequential([layers.dense({ units: 1, inputShape: [1] })]);
  const there = await remote([layers.dense({ units: 1, inputShape: [1] })]);
  const membersOf = (start: object) => {
    const found = new Set<string>();
    for (let part = start; part !== Object.prototype; part = Object.getPrototypeOf(part)) {
      for (const [name, { get }] of Object.entries(Object.getOwnPropertyDescriptors(part)))
        if (!get || !/refuse/.test(get.name)) found.add(name);
    }
    return found;
  };
  const internal = ['constructor', 'calls', 'compiled', 'continueFit', 'inTurn', 'network', 'seed'];
  const own = membersOf(there);
  const missing = [...membersOf(model)].filter((name) => !own.has(name) && !internal.includes(name));
  expect(missing.sort()).toEqual(Object.keys(LEFT_OUT).sort());
  for (const name of missing)
    expect(() => there[name as keyof RemoteModel]).toThrow(`a model in a worker has no '${name}': `);
  there.dispose();
  expect([asRemote, asDrawn, asCallback, hooks, options, wrong]).toHaveLength(6); // they compile
});
