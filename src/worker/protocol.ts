/** What a page and its worker say to each other, as data that `postMessage` copies. `encode.ts` and `decode.ts` make it of values. */
import type { Layer, Weight } from '../nn/network.ts';
import type { Optimizer } from '../nn/optimizers.ts';
import type { Training } from '../nn/train/callbacks.ts';
import type { ErrorData } from './errorData.ts';

/** Raised when messages change: page and worker may come from different versions of the package. */
export const PROTOCOL = 1;

/** Begins the first message to a worker, which brings the port of a model. */
export interface Greeting {
  readonly neurite: number;
  readonly port: MessagePort;
}

/** Methods of a model that the worker calls as they are. */
export type Method =
  | 'compile'
  | 'fit'
  | 'trainOnBatch'
  | 'evaluate'
  | 'predict'
  | 'classify'
  | 'getWeights'
  | 'setWeights'
  | 'inspect'
  | 'save';

/** A layer, without the variables of its weights. */
export type LayerData = Omit<Layer, 'weights'> & { readonly weights: readonly Omit<Weight, 'variable'>[] };

/** What does not change by training. */
export interface Structure {
  readonly layers: readonly LayerData[];
  /** Undefined before compile. */
  readonly compiled?: {
    readonly labels: readonly string[] | undefined;
    readonly optimizer: Pick<Optimizer, 'name' | 'config'>;
  };
}

/** What changes by training. */
export interface State {
  readonly iterations: number;
  readonly learningRate: number;
  /** How many learning rates the worker has been told: a page that has sent more knows better. */
  readonly rates: number;
}

/** The running training as a hook sees it, without its model and its methods. */
export interface TrainingData extends Omit<Training, 'model' | 'stop' | 'pause' | 'resume' | 'step'> {
  /** How many controls the worker has been told: a page that has sent more knows better. */
  readonly controls: number;
}

export type Control = 'stop' | 'pause' | 'resume' | 'step';

export type ToWorker =
  /** Layers, or the bytes or address of a file. */
  | {
      readonly type: 'build';
      readonly id: number;
      readonly layers?: unknown;
      readonly file?: unknown;
      readonly options: unknown;
    }
  | { readonly type: 'call'; readonly id: number; readonly method: Method; readonly args: unknown }
  | { readonly type: 'rate'; readonly rate: number }
  | { readonly type: 'trainable'; readonly layer: number; readonly trainable: boolean }
  | { readonly type: 'control'; readonly call: number; readonly control: Control }
  | { readonly type: 'abort'; readonly signal: number; readonly reason: ErrorData }
  /** What a function of the page has returned or thrown. */
  | { readonly type: 'answer'; readonly id: number; readonly value: unknown }
  | { readonly type: 'refused'; readonly id: number; readonly error: ErrorData }
  /** A function of the page that nothing waits for has thrown. */
  | { readonly type: 'fault'; readonly call: number; readonly error: ErrorData }
  | { readonly type: 'dispose' };

export type ToPage = (
  | { readonly type: 'done'; readonly id: number; readonly value: unknown }
  | { readonly type: 'failed'; readonly id: number; readonly error: ErrorData }
  /** Calls a function of the page. Without an `id` nothing waits for it. */
  | {
      readonly type: 'ask';
      readonly fn: number;
      readonly id?: number;
      readonly args: readonly unknown[];
      readonly training?: TrainingData | undefined;
    }
  | { readonly type: 'disposed' }
) & { readonly state?: State | undefined; readonly structure?: Structure | undefined };

/** What the worker says of itself when a model is built. */
export interface Built {
  readonly protocol: number;
  readonly gpu: boolean;
}

/** The key of an object that stands for a value that cannot be copied. */
export const MARK = 'neurite$';

export type Marked =
  /** A function of the page, which the worker calls by a message. `waits`: for what it returns. */
  | { readonly [MARK]: 'function'; readonly fn: number; readonly waits: boolean; readonly hook: boolean }
  /** A function that the worker cannot call. */
  | { readonly [MARK]: 'unheard'; readonly path: string }
  | { readonly [MARK]: 'signal'; readonly signal: number; readonly aborted?: ErrorData | undefined }
  | { readonly [MARK]: 'dataset'; readonly size: number; readonly xShape: readonly number[]; readonly fn: number }
  | { readonly [MARK]: 'optimizer'; readonly name: string; readonly config: Optimizer['config'] }
  | { readonly [MARK]: 'array'; readonly data: unknown; readonly shape: readonly number[]; readonly dtype: string }
  /** Something else of which only the class is known, for the engine's message about it. */
  | { readonly [MARK]: 'other'; readonly kind: string };
