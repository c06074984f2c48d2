/** A model in a worker, which does what its page asks for by messages. */
import { loadModel } from '../nn/file/load.ts';
import { layerTypes } from '../nn/layers/index.ts';
import type { LayerSpec } from '../nn/layers/layer.ts';
import { type Model, sequential } from '../nn/model.ts';
import { optimizerFromConfig } from '../nn/optimizers.ts';
import { decode } from './decode.ts';
import { Encoder } from './encode.ts';
import { PageFunctions, type RunningCall } from './pageFunctions.ts';
import {
  type Built,
  MARK,
  type Marked,
  PROTOCOL,
  type State,
  type Structure,
  type ToPage,
  type ToWorker,
} from './protocol.ts';

type Methods = Record<string, (...args: readonly unknown[]) => Promise<unknown>>;

export class ModelHost {
  readonly #port: MessagePort;
  readonly #page: PageFunctions;
  readonly #running = new Map<number, RunningCall>();
  #model!: Model;
  #compiled = false;
  /** Learning rates that the page has set. */
  #rates = 0;

  constructor(port: MessagePort) {
    this.#port = port;
    this.#page = new PageFunctions((message, transfers) => this.#post(message, transfers));
    port.onmessage = ({ data }: MessageEvent<ToWorker>) => this.#hear(data);
  }

  #hear(message: ToWorker): void {
    switch (message.type) {
      case 'build':
        this.#run(message.id, true, (call) => this.#build(message, call));
        break;
      case 'call': {
        const { method } = message;
        this.#run(message.id, method === 'compile', async (call) => {
          const args = this.#decode(message.args, call) as readonly unknown[];
          const value = await (this.#model as unknown as Methods)[method]!(...args);
          if (method === 'compile') this.#compiled = true;
          return value;
        });
        break;
      }
      case 'rate':
        this.#rates++;
        this.#model.learningRate = message.rate;
        break;
      case 'trainable':
        this.#model.layers[message.layer]!.trainable = message.trainable;
        break;
      case 'control': {
        const call = this.#running.get(message.call);
        if (!call) break; // the training has ended
        call.controls++;
        call.training?.[message.control]();
        break;
      }
      case 'abort':
        for (const { signals } of this.#running.values())
          signals.get(message.signal)?.abort(this.#page.errorOf(message.reason));
        break;
      case 'fault': {
        const call = this.#running.get(message.call);
        if (call) call.fault ??= { error: this.#page.errorOf(message.error) };
        break;
      }
      case 'answer':
      case 'refused':
        this.#page.hear(message);
        break;
      case 'dispose':
        this.#compiled = false;
        this.#model?.dispose();
        this.#post({ type: 'disposed' });
        this.#port.close();
    }
  }

  /** @param restructures whether the call can change what the page knows of the layers */
  async #run(id: number, restructures: boolean, work: (call: RunningCall) => Promise<unknown>): Promise<void> {
    const call: RunningCall = { controls: 0, signals: new Map(), pictures: [] };
    this.#running.set(id, call);
    try {
      const out = new Encoder('the result', true);
      const value = out.encode(await work(call), 'result');
      this.#post({ type: 'done', id, value, structure: restructures ? this.#structure() : undefined }, [
        ...out.transfers,
      ]);
    } catch (error) {
      this.#post({ type: 'failed', id, error: this.#page.errorData(error) });
    } finally {
      this.#running.delete(id);
      for (const picture of call.pictures) picture.close(); // a copy, or the worker's own
    }
  }

  async #build({ layers, file, options }: Extract<ToWorker, { type: 'build' }>, call: RunningCall): Promise<Built> {
    if (file === undefined) {
      const specs = this.#decode(layers, call) as readonly LayerSpec[];
      // A layer is plain data, so its module must be loaded here as well.
      if (specs.some(({ type }) => !layerTypes.includes(type))) {
        (await import('../augmentation/index.ts')).registerAugmentation();
      }
      this.#model = sequential(specs);
    } else {
      this.#model = await loadModel(this.#decode(file, call) as Blob, this.#decode(options, call) as object);
      this.#compiled = true;
    }
    return { protocol: PROTOCOL, gpu: (navigator as { gpu?: unknown }).gpu !== undefined };
  }

  #decode(data: unknown, call: RunningCall): unknown {
    return decode(
      data,
      (marked) => this.#revive(marked, call),
      (picture) => call.pictures.push(picture),
    );
  }

  #revive(marked: Marked, call: RunningCall): unknown {
    switch (marked[MARK]) {
      case 'function':
        return this.#page.function(marked, call);
      case 'unheard':
        return this.#page.unheard(marked);
      case 'dataset':
        return this.#page.dataset(marked, call);
      case 'optimizer':
        return optimizerFromConfig(marked.name, marked.config);
      case 'signal': {
        const controller = new AbortController();
        if (marked.aborted) controller.abort(this.#page.errorOf(marked.aborted));
        call.signals.set(marked.signal, controller);
        return controller.signal;
      }
      case 'other':
        return { [Symbol.toStringTag]: marked.kind };
    }
  }

  /** Arrays in a result are nobody else's, so they are handed over. */
  #post(message: ToPage, transfers: readonly Transferable[] = []): void {
    this.#port.postMessage({ ...message, state: this.#state() }, [...transfers]);
  }

  #state(): State | undefined {
    if (!this.#compiled) return undefined;
    const { iterations, learningRate } = this.#model;
    return { iterations, learningRate, rates: this.#rates };
  }

  #structure(): Structure {
    const layers = this.#model.layers.map((layer) => ({
      ...layer,
      weights: layer.weights.map(({ name, spec }) => ({ name, spec })),
    }));
    if (!this.#compiled) return { layers };
    const { labels, optimizer } = this.#model;
    return { layers, compiled: { labels, optimizer: { name: optimizer.name, config: optimizer.config } } };
  }
}
