/** What the page of the machine and its worker say to each other: plain data, by Comlink. */
import type { Machine } from '../../gpu/machine.ts';
import type { Hello, LayerSpec, TrainingSettings } from '../../lab/protocol/index.ts';
import type { Schedule } from './schedule.ts';

export * from './schedule.ts';
export * from './selfTest.ts';

/** The worker's calls. A call that cannot be done rejects with an Error whose message is for people. */
export interface Planner {
  /** First call; does not wait for the GPU. @param onMachine called with the GPU, or with what is missing */
  connect(onMachine: (machine: Machine) => void): Hello;
  /** The training step of these layers, as planned. */
  plan(layers: LayerSpec[], training: TrainingSettings): Promise<Schedule>;
  /**
   * Trains these layers for some steps on simulated images, and measures each dispatch of the last one. A later call ends
   * an earlier one, which rejects with an AbortError.
   */
  measure(layers: LayerSpec[], training: TrainingSettings): Promise<Schedule>;
}
