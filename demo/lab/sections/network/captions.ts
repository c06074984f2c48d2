/** What each type of layer does, in a sentence. */
export const CAPTIONS: Readonly<Record<string, string>> = {
  input: 'The image itself.',
  conv2d: 'Each map says where in the image one kernel finds its pattern.',
  conv2dTranspose:
    'Each number before it paints a kernel into the maps, as strongly as it is large; where kernels overlap they add up.',
  depthwiseConv2d: 'Each kernel looks at one channel only.',
  dense: 'Each output is a weighted sum of all numbers before it.',
  maxPool2d:
    'Of each window only the largest value is kept: smaller maps, the strongest findings, less of where exactly.',
  avgPool2d: 'Of each window the mean is kept.',
  globalAvgPool2d: 'Of each map only its mean is left: how often, not where.',
  flatten: 'The maps, written as one long list of numbers.',
  reshape: 'The same numbers in another order of rows and columns.',
  zeroPadding2d: 'A border of zeros around each map, so that kernels reach the edge of the image.',
  upSampling2d: 'The same maps with more pixels: each is repeated, or blends into the next.',
  activation: 'A curve that each number is sent through.',
  rescaling: 'Each number is multiplied by a constant, and another is added.',
  dropout: 'Drops numbers at random while training; here it lets everything pass.',
  batchNormalization: 'Each channel is shifted and scaled to a mean of 0 and a variance of 1, as seen in training.',
};

const CUT = 'What was below zero is set to zero by the relu: black says that the pattern is not there.';
const LOGITS = 'These are the logits: one number for each class.';

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
