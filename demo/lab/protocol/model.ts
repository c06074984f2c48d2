/** The network in the editor, as the engine describes it. */
import type { LayerSpec } from 'neurite';
import type { PresetName } from 'neurite/brain';

export type { LayerSpec, PresetName };

export interface LayerInfo {
  name: string;
  type: string;
  className: string;
  inputShape: number[];
  /** Of one example, without the batch. */
  outputShape: number[];
  parameters: number;
  weights: { name: string; shape: number[] }[];
}

/** A change that makes a network fit. */
export interface Mend {
  /** What a button says that makes it. */
  label: string;
  layers: LayerSpec[];
}

export interface ModelInfo {
  /** The layers up to the first that does not fit. */
  layers: LayerInfo[];
  parameters: number;
  trainable: number;
  /** What does not fit: the index of the layer, and the engine's message. Absent: the model can be trained. */
  problem?: { layer: number; message: string; mend?: Mend };
}
