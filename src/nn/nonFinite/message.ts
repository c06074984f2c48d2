/** The messages about a tensor that is not finite. */
import type { NonFiniteLocation } from '../../errors.ts';

/** Says where and when the value was found. */
export function describeFinding({
  step,
  epoch,
  batch,
  layer,
  what,
  tensor,
  element,
  value,
}: NonFiniteLocation): string {
  const whose = layer === 'loss' ? `the loss` : `the ${what} of layer '${layer}'`;
  return (
    `step ${step} (epoch ${epoch}, batch ${batch}): ${whose} is not finite: ${tensor} has ${value}, first at element ` +
    `${element}.`
  );
}

/** Says what usually helps. @param rate the learning rate */
export function adviceOn({ layer, what }: NonFiniteLocation, rate: number): string {
  if (what === 'weight') {
    return `The update was too large: lower the learning rate (${rate}), or clip the gradients (globalClipNorm).`;
  }
  if (layer === 'loss') {
    return `Predictions or targets are too large: lower the learning rate (${rate}), and scale targets and inputs to about 1.`;
  }
  return (
    `Weights or inputs have become too large for it: lower the learning rate (${rate}), clip the gradients ` +
    '(globalClipNorm), and scale the inputs to about 1.'
  );
}
