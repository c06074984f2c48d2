/** Fits that lose their devices, and what is compared of them. */
import {
  adam,
  type Callback,
  cosineDecay,
  type Device,
  type History,
  layers,
  type Model,
  readSafetensors,
  requestDevice,
  sequential,
} from '../../src/index.ts';
import type { RecoveryEvent } from '../../src/nn/recovery/options.ts';
import type { CompileOptions } from '../../src/nn/step/compileOptions.ts';
import type { FitOptions } from '../../src/nn/train/fit.ts';
import { toyExamples } from './toy.ts';

/** 48 examples to train on, of which the last batch has 3: 6 steps an epoch; 12 to validate on. */
export const DATA = toyExamples(60);
export const STEPS = 6;
export const OPTIONS: FitOptions = { epochs: 4, batchSize: 9, validationSplit: 0.2 };
export const COMPILE: CompileOptions = {
  loss: 'sparseCategoricalCrossentropy',
  metrics: ['accuracy'],
  seed: 3,
  optimizer: adam({ learningRate: cosineDecay({ initialLearningRate: 0.01, decaySteps: 24 }) }),
};

/** All that training ends with, as text or bytes that are equal where every bit is. */
export interface Outcome {
  readonly history: History;
  /** Weights, optimizer state and numbers of a model's file. */
  readonly file: Record<string, unknown>;
  /** Calls of hooks with their arguments, in order. */
  readonly hookCalls: string[];
  readonly events: RecoveryEvent[];
}

/** The device that the model is on now. */
export function deviceOf(model: Model): Device {
  return model.compiled.device;
}

/** Notes every call of a hook that holds no step back. */
export function listener(hookCalls: string[]): Callback {
  const note =
    (what: string) =>
    (...values: unknown[]) => {
      hookCalls.push(`${what} ${JSON.stringify(values.slice(0, -1))}`);
    };
  return {
    onTrainBegin: note('begin'),
    onEpochBegin: note('epoch'),
    onBatchLogs: note('batch'), // so that several steps are under way
    onEpochEnd: note('end of epoch'),
    onTrainEnd: note('end'),
  };
}

/** Of few kernels, which each new device compiles; dropout and Adam have state. */
export function smallModel(): Model {
  return sequential([
    layers.flatten({ inputShape: [8, 8, 1] }),
    layers.dropout({ rate: 0.25 }),
    layers.dense({ units: 2 }),
  ]);
}

export interface Disturbance {
  /** Default `smallModel`. */
  readonly model?: () => Model;
  readonly options?: FitOptions;
  readonly compile?: CompileOptions;
  /** Called with each hook, before it is noted. */
  readonly callbacks?: (model: Model) => Callback[];
}

/** A fit on a device of its own, and what came of it. */
export async function outcome({
  model: make = smallModel,
  options = {},
  compile = {},
  callbacks = () => [],
}: Disturbance = {}): Promise<Outcome> {
  const device = await requestDevice();
  const model = make();
  await model.compile({ ...COMPILE, device, ...compile });
  const hookCalls: string[] = [];
  const events: RecoveryEvent[] = [];
  try {
    const history = await model.fit(DATA, {
      ...OPTIONS,
      ...options,
      callbacks: [...callbacks(model), listener(hookCalls)],
      recovery: { everySteps: 4, onRecovery: (event) => void events.push(event), ...options.recovery },
    });
    return { history, file: contents(await model.save()), hookCalls, events };
  } finally {
    model.dispose();
    device.destroy();
  }
}

/** A model's file as numbers: bits of each tensor, and the metadata. */
export function contents(file: Uint8Array<ArrayBuffer>): Record<string, unknown> {
  const { tensors, metadata } = readSafetensors(file);
  const bits = [...tensors].map(([name, { data }]) => [name, [...new Uint32Array(data.slice().buffer)]] as const);
  return { ...Object.fromEntries(bits), ...metadata };
}

/** A crash, as far as the engine can tell. */
export const lose = (model: Model) => deviceOf(model).gpu.destroy();

/** Loses a device when the first step is about to be sent to it. */
export function losesAtStep({ gpu }: Device): void {
  const { createCommandEncoder } = gpu;
  gpu.createCommandEncoder = (descriptor) => {
    if (!descriptor?.label) gpu.destroy(); // a snapshot, a measurement and the reading of a buffer have one
    return createCommandEncoder.call(gpu, descriptor);
  };
}

/** `smallModel`, compiled. */
export async function compiled(device: Device | GPUDevice): Promise<Model> {
  const model = smallModel();
  await model.compile({ ...COMPILE, device });
  return model;
}

/** Loses the device after given numbers of calls of onBatchLogs, counted over all epochs. Later steps are then under way. */
export const losesAfter = (...batches: number[]) => {
  const left = [...batches].sort((p, q) => p - q);
  let hookCalls = 0;
  let lost: Device | undefined;
  return (model: Model): Callback[] => [
    {
      onBatchLogs() {
        hookCalls++;
        if (left.length === 0 || hookCalls < left[0]! || deviceOf(model) === lost) return;
        left.shift();
        lost = deviceOf(model);
        lose(model);
      },
    },
  ];
};

/** Loses the device once, in some hook, where a condition holds. */
export const losesIn = (hook: keyof Callback, when: (...values: unknown[]) => boolean) => {
  let lost = false;
  return (model: Model): Callback[] => [
    {
      [hook]: (...values: unknown[]) => {
        if (lost || !when(...values)) return;
        lost = true;
        lose(model);
      },
    },
  ];
};
