/** What is inside a trained network: its kernels, and what it makes of one image. */

export interface KernelSet {
  /** Layer's name. */
  layer: string;
  /** HWIO. */
  shape: number[];
  data: Float32Array;
  /** One number for each output channel; absent where the layer has none. */
  bias?: Float32Array;
}

export interface LayerOutput {
  name: string;
  type: string;
  className: string;
  /** Of the one example, without the batch. */
  shape: number[];
  data: Float32Array;
  weights: { name: string; shape: number[] }[];
  /** As they were given: what is absent has the layer's default. */
  options: Record<string, unknown>;
  /** Max-pool: which tap of its window was chosen, row * window width + column. */
  argmax?: Uint32Array;
  /** Max-pool: height and width of the window, and its strides. */
  window?: { size: [number, number]; strides: [number, number] };
}

/** What the network makes of one image. */
export interface Inspection {
  row: number;
  /** What the network saw, `[128, 128, channels]`. */
  input: { shape: number[]; data: Float32Array };
  layers: LayerOutput[];
  kernels: KernelSet[];
  /** Whether no step was done meanwhile: kernels and outputs are of the same weights. */
  settled: boolean;
  logits: Float32Array;
  probabilities: Float32Array;
  /** Gradient of the winning logit by the input: `[128, 128, channels]`. */
  saliency: { shape: number[]; data: Float32Array };
}
