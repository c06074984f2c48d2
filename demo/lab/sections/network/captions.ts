/** What each type of layer does, in a sentence. */
export const CAPTIONS: Readonly<Record<string, string>> = {
  input: 'The picture itself.',
  conv2d: 'Each map shows where a kernel finds its pattern.',
  conv2dTranspose: 'Each number before it paints a kernel into the maps; where kernels overlap they add up.',
  depthwiseConv2d: 'Each kernel looks at one channel only.',
  dense: 'Each number is a weighted sum of all before it.',
  maxPool2d: 'Of each window the largest number is kept.',
  avgPool2d: 'Of each window the mean is kept.',
  globalAvgPool2d: 'Of each map the mean is kept.',
  flatten: 'The maps as one list of numbers.',
  reshape: 'The same numbers in other rows and columns.',
  zeroPadding2d: 'A border of zeros around each map.',
  upSampling2d: 'The same maps with more pixels.',
  activation: 'Each number is sent through a curve.',
  rescaling: 'Each number is multiplied and shifted by constants.',
  dropout: 'Drops numbers at random while training, and none here.',
  batchNormalization: 'Each channel is scaled to a mean of 0 and a variance of 1.',
};

const CUT = 'The relu has set what was negative to zero.';
const LOGITS = 'These are the logits, one for each class.';

/** Layers that add up, and may have a relu at their end. */
const SUMS = ['conv2d', 'conv2dTranspose', 'depthwiseConv2d', 'dense', 'activation'];

/**
 * @param low smallest of the layer's numbers: exactly 0 is what a relu leaves
 * @param last whether it is the network's last layer
 */
export function captionOf(type: string, low: number, last: boolean): string {
  const parts = [CAPTIONS[type] ?? ''];
  if (last) parts.push(LOGITS);
  else if (SUMS.includes(type) && low === 0) parts.push(CUT);
  return parts.join(' ');
}
