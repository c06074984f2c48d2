/** The table of a model's layers, and its number of parameters, out of what describes the layers: no graph is needed. */
import { elements, type Shape } from '../tensor.ts';
import type { WeightSpec } from './layers/layer.ts';

interface Weights {
  readonly weights: readonly { readonly spec: WeightSpec }[];
}

/** A layer, as far as the table shows it. */
export interface SummaryLayer extends Weights {
  readonly name: string;
  readonly className: string;
  readonly outputShape: Shape;
  readonly trainable: boolean;
}

/** Number of parameters in weights. */
export function count(weights: Weights['weights']): number {
  return weights.reduce((sum, { spec }) => sum + elements(spec.shape), 0);
}

/** Keras' table of layers, output shapes and parameters. */
export function summaryOf(layers: readonly SummaryLayer[]): string {
  const rows = layers.map(({ name, className, outputShape, weights }) => [
    `${name} (${className})`,
    `(None, ${outputShape.join(', ')})`,
    count(weights).toLocaleString('en-US'),
  ]);
  const heads = ['Layer (type)', 'Output Shape', 'Param #'];
  const widths = heads.map((head, i) => Math.max(head.length, ...rows.map((row) => row[i]!.length)) + 2);
  const line = (row: readonly string[]) =>
    row
      .map((cell, i) => cell.padEnd(widths[i]!))
      .join(' ')
      .trimEnd();
  const width = widths.reduce((sum, w) => sum + w + 1, -1);
  const total = count(layers.flatMap(({ weights }) => weights));
  const trained = layers.flatMap(({ trainable, weights }) =>
    trainable ? weights.filter(({ spec }) => spec.trainable) : [],
  );
  const trainable = count(trained);
  return [
    'Model: "sequential"',
    '_'.repeat(width),
    line(heads),
    '='.repeat(width),
    ...rows.map(line),
    '='.repeat(width),
    `Total params: ${total.toLocaleString('en-US')}`,
    `Trainable params: ${trainable.toLocaleString('en-US')}`,
    `Non-trainable params: ${(total - trainable).toLocaleString('en-US')}`,
    '_'.repeat(width),
  ].join('\n');
}
