/** The page's object for a model in a worker. Its methods pass their arguments on; what they mean is said at `Model`. */
import type { Dataset, Labels } from '../data/dataset.ts';
import type { InputData } from '../data/input.ts';
import { StateError } from '../errors.ts';
import { download } from '../nn/file/places/download.ts';
import type { ModelAddress } from '../nn/file/places/index.ts';
import type { KeptModel } from '../nn/file/places/place.ts';
import type { GivenWeight, NamedWeight, WeightsReport } from '../nn/file/weights.ts';
import { count, summaryOf } from '../nn/summary.ts';
import { type DataArguments, dataAndOptions } from '../nn/train/arguments.ts';
import { asHistory, type History, type Logs } from '../nn/train/callbacks.ts';
import { check, isRecord, noOptions, type Passed } from '../options.ts';
import { refuseOtherNames } from '../otherNames.ts';
import type { Shape } from '../tensor.ts';
import { compileOptions, fitOptions } from './callOptions.ts';
import type { Connection } from './connection.ts';
import type { Outgoing } from './outgoing.ts';
import type { Control, Method, State, Structure, TrainingData } from './protocol.ts';
import { LEFT_OUT, type RemoteLayer, type RemoteModel, type RemoteTraining } from './types.ts';

/** The option `transfer`, and the others. @throws ArgumentError unless it is true or false */
export function withoutTransfer<O>(what: string, options: O): readonly [transfer: boolean, others: O] {
  if (!isRecord(options)) return [false, options];
  const { transfer = false, ...others } = options as { transfer?: unknown };
  check(what, 'transfer', transfer, 'boolean');
  return [transfer as boolean, others as O];
}

const DOWNLOAD = /^download:\/\/(.+)$/s;

export class PageModel implements RemoteModel {
  readonly #connection: Connection;
  #structure: Structure = { layers: [] };
  #state: State | undefined;
  /** Learning rates that were set. */
  #rates = 0;

  static {
    refuseOtherNames('a model in a worker', PageModel.prototype, LEFT_OUT);
  }

  constructor(connection: Connection) {
    this.#connection = connection;
    connection.onNews = (state, structure) => {
      if (structure) this.#structure = { ...structure, layers: this.#layersOf(structure) };
      if (!state) return;
      // What the worker said before it heard of the last learning rate is out of date.
      const known = state.rates < this.#rates ? this.#state : state;
      this.#state = { ...state, learningRate: (known ?? state).learningRate };
    };
  }

  async compile(options: object = {}): Promise<void> {
    await this.#call('compile', options, (out, given) => [out.encode(compileOptions(out, given), '')]);
  }

  async fit(...given: DataArguments<object>): Promise<History> {
    const { data, options } = dataAndOptions('fit', given);
    const history = await this.#call('fit', options, (out, others, id) => {
      const training = this.#training(id);
      return [out.encode(data, ''), out.encode(fitOptions(out, others, training), '')];
    });
    return asHistory(history as History);
  }

  async evaluate(...given: DataArguments<object>): Promise<Logs> {
    const { data, options } = dataAndOptions('evaluate', given);
    return this.#call('evaluate', options, (out, others) => [out.encode(data, ''), out.encode(others, '')]);
  }

  async trainOnBatch(x: InputData, y: Labels, options: object = {}): Promise<Logs> {
    return this.#call('trainOnBatch', options, (out, others) => [
      out.encode(x, 'x'),
      out.encode(y, 'y'),
      out.encode(others, ''),
    ]);
  }

  async predict(x: InputData | Dataset, options: object = {}): ReturnType<RemoteModel['predict']> {
    return this.#call('predict', options, (out, others) => [out.encode(x, 'x'), out.encode(others, '')]);
  }

  async classify(x: InputData | Dataset, options: object = {}): ReturnType<RemoteModel['classify']> {
    return this.#call('classify', options, (out, others) => [out.encode(x, 'x'), out.encode(others, '')]);
  }

  async inspect(x: InputData, ...more: Passed): ReturnType<RemoteModel['inspect']> {
    noOptions('inspect', more);
    return this.#call('inspect', undefined, (out) => [out.encode(x, 'x')]);
  }

  async setWeights(weights: readonly GivenWeight[], options: object = {}): Promise<WeightsReport> {
    return this.#call('setWeights', options, (out, others) => [out.encode(weights, 'weights'), out.encode(others, '')]);
  }

  async getWeights(...more: Passed): Promise<NamedWeight[]> {
    noOptions('getWeights', more);
    return this.#call('getWeights', undefined, () => []);
  }

  save(): Promise<Uint8Array<ArrayBuffer>>;
  save(address: ModelAddress): Promise<KeptModel>;
  async save(address?: ModelAddress): Promise<Uint8Array<ArrayBuffer> | KeptModel> {
    const [, name] = (typeof address === 'string' && DOWNLOAD.exec(address)) || [];
    // Only a page downloads.
    if (name === undefined || download.missing())
      return this.#call('save', undefined, () => (address === undefined ? [] : [address]));
    const bytes = await this.#call<Uint8Array<ArrayBuffer>>('save', undefined, () => []);
    await download.write(name, bytes);
    return { address: address!, bytes: bytes.byteLength, saved: new Date() };
  }

  get layers(): readonly RemoteLayer[] {
    return this.#structure.layers;
  }

  get inputShape(): Shape {
    return this.layers[0]!.inputShape;
  }

  get outputShape(): Shape {
    return this.layers.at(-1)!.outputShape;
  }

  summary(): string {
    return summaryOf(this.layers);
  }

  countParams(): number {
    return count(this.layers.flatMap(({ weights }) => weights));
  }

  get labels(): readonly string[] | undefined {
    return this.#compiled('labels').labels;
  }

  get optimizer(): RemoteModel['optimizer'] {
    return this.#compiled('optimizer').optimizer;
  }

  get iterations(): number {
    this.#compiled('iterations');
    return this.#state!.iterations;
  }

  get learningRate(): number {
    this.#compiled('learningRate');
    return this.#state!.learningRate;
  }

  set learningRate(rate: number) {
    check('model', 'learningRate', rate, 'notNegative');
    this.#compiled('learningRate');
    this.#rates++;
    this.#state = { ...this.#state!, learningRate: rate };
    this.#connection.post({ type: 'rate', rate });
  }

  dispose(): void {
    this.#connection.dispose();
  }

  /** @param args encodes what the method is given. `others` are its options without `transfer` */
  async #call<T>(
    method: Method,
    options: unknown,
    args: (out: Outgoing, others: unknown, id: number) => readonly unknown[],
  ): Promise<T> {
    const [gives, others] = withoutTransfer(method, options);
    const result = this.#connection.call(method, gives, (out, id) => ({
      type: 'call',
      id,
      method,
      args: args(out, others, id),
    }));
    return result as Promise<T>;
  }

  #compiled(what: string): NonNullable<Structure['compiled']> {
    if (this.#connection.disposed) throw new StateError(`${what}: the model was disposed.`);
    const { compiled } = this.#structure;
    if (compiled && this.#state) return compiled;
    const wait = 'compile has not ended yet; wait for it: await model.compile({ … }).';
    const first = 'call compile() first: await model.compile({ … }).';
    throw new StateError(`${what}: ${this.#connection.running('compile') ? wait : first}`);
  }

  /** The layers, whose `trainable` can be set. Those that the caller has seen stay the layers of the model. */
  #layersOf({ layers }: Structure): readonly RemoteLayer[] {
    return layers.map((layer, index) => {
      let { trainable } = layer;
      const set = (value: boolean) => {
        check('a layer', 'trainable', value, 'boolean');
        trainable = value;
        this.#connection.post({ type: 'trainable', layer: index, trainable });
      };
      const { layers: known } = this.#structure;
      return known[index] ?? Object.defineProperty(layer, 'trainable', { get: () => trainable, set, enumerable: true });
    });
  }

  /** Makes what the hooks of a call see of the training: one object, brought up to date for each hook. */
  #training(call: number): (data: TrainingData) => RemoteTraining {
    let last: TrainingData;
    let known: RemoteTraining | undefined;
    let controls = 0;
    const control = (name: Control, change: Partial<TrainingData> = {}) => {
      last = { ...last, ...change };
      controls++;
      this.#connection.post({ type: 'control', call, control: name });
    };
    return (data) => {
      // What the worker said before it heard of the last control is out of date.
      if (!known || data.controls === controls) last = data;
      const { controls: _, ...fixed } = data;
      known ??= {
        ...fixed,
        model: this,
        get stopped() {
          return last.stopped;
        },
        get paused() {
          return last.paused;
        },
        stop: () => control('stop', { stopped: true, paused: false }),
        pause: () => control('pause', { paused: !last.stopped }),
        resume: () => control('resume', { paused: false }),
        step: () => control('step'),
      };
      return known;
    };
  }
}
