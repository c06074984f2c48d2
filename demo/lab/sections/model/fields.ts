/** Which options each type of layer has in the editor, and how they are written. */

export interface Field {
  name: string;
  label: string;
  /** `pair` is a number or two (`3`, `3 x 5`), `list` any number of them. */
  kind: 'number' | 'pair' | 'list' | 'choice' | 'switch';
  choices?: readonly string[];
  /** What holds where the option is absent. */
  standard?: string | number | boolean;
  /** Shown at once; the others are folded away. */
  main?: boolean;
}

const ACTIVATIONS = ['linear', 'relu', 'leakyRelu', 'elu', 'gelu', 'sigmoid', 'tanh', 'softplus', 'softmax'];

const activation: Field = {
  name: 'activation',
  label: 'activation',
  kind: 'choice',
  choices: ACTIVATIONS,
  standard: 'linear',
  main: true,
};
const bias: Field = { name: 'useBias', label: 'bias', kind: 'switch', standard: true };
const padding: Field = {
  name: 'padding',
  label: 'padding',
  kind: 'choice',
  choices: ['valid', 'same'],
  standard: 'valid',
};
const kernel: Field = { name: 'kernelSize', label: 'kernel', kind: 'pair', main: true };
const window: readonly Field[] = [
  { name: 'strides', label: 'strides', kind: 'pair', standard: 1 },
  padding,
  { name: 'dilationRate', label: 'dilation', kind: 'pair', standard: 1 },
];
const pool: readonly Field[] = [
  { name: 'poolSize', label: 'window', kind: 'pair', standard: 2, main: true },
  { name: 'strides', label: 'strides', kind: 'pair' },
  padding,
];
const trainable: Field = { name: 'trainable', label: 'trainable', kind: 'switch', standard: true };

export const FIELDS: Readonly<Record<string, readonly Field[]>> = {
  input: [],
  conv2d: [
    { name: 'filters', label: 'kernels', kind: 'number', main: true },
    kernel,
    activation,
    ...window,
    { name: 'groups', label: 'groups', kind: 'number', standard: 1 },
    bias,
    trainable,
  ],
  conv2dTranspose: [
    { name: 'filters', label: 'kernels', kind: 'number', main: true },
    kernel,
    activation,
    ...window,
    { name: 'outputPadding', label: 'output padding', kind: 'pair' },
    { name: 'groups', label: 'groups', kind: 'number', standard: 1 },
    bias,
    trainable,
  ],
  depthwiseConv2d: [
    kernel,
    { name: 'depthMultiplier', label: 'multiplier', kind: 'number', standard: 1, main: true },
    activation,
    ...window,
    bias,
    trainable,
  ],
  dense: [{ name: 'units', label: 'units', kind: 'number', main: true }, activation, bias, trainable],
  maxPool2d: pool,
  avgPool2d: pool,
  globalAvgPool2d: [],
  flatten: [],
  reshape: [{ name: 'targetShape', label: 'shape', kind: 'list', main: true }],
  zeroPadding2d: [{ name: 'padding', label: 'zeros', kind: 'pair', standard: 1, main: true }],
  rescaling: [
    { name: 'scale', label: 'scale', kind: 'number', main: true },
    { name: 'offset', label: 'offset', kind: 'number', standard: 0 },
  ],
  upSampling2d: [
    { name: 'size', label: 'factor', kind: 'pair', standard: 2, main: true },
    {
      name: 'interpolation',
      label: 'interpolation',
      kind: 'choice',
      choices: ['nearest', 'bilinear'],
      standard: 'nearest',
    },
  ],
  activation: [{ ...activation, choices: ACTIVATIONS.slice(1) }],
  dropout: [{ name: 'rate', label: 'rate', kind: 'number', main: true }],
  batchNormalization: [
    { name: 'momentum', label: 'momentum', kind: 'number', standard: 0.99, main: true },
    { name: 'epsilon', label: 'epsilon', kind: 'number', standard: 0.001 },
    trainable,
  ],
};

/** What the engine says of a layer, in the words of the editor: its fields have other names, and may hold no number. */
export function problemText(type: string, message: string): string {
  return message
    .replace(/ takes vectors, got \[(.+)\]; put layers\.flatten\(\) before it\.$/, (_, shape: string) => {
      return ` takes a list of numbers, and gets maps of ${shape.replaceAll(', ', ' × ')}.`;
    })
    .replace(/: (\w+) must be /, (all, name) => {
      const field = FIELDS[type]?.find((field) => field.name === name);
      return field ? `: ${field.label} must be ` : all;
    })
    .replace(/got NaN\.$/, 'got no number.')
    .replace(/got undefined\.$/, 'got nothing.');
}

/** What a text says; NaN where it is no number, which the engine refuses with the name of the option. */
export function parseValue(kind: Field['kind'], text: string): number | number[] | undefined {
  const parts = text.trim().split(/\s*[x×,;\s]\s*/);
  if (text.trim() === '') return undefined;
  const numbers = parts.map(Number);
  if (kind === 'number') return numbers.length === 1 ? numbers[0] : Number.NaN;
  if (kind === 'list') return numbers;
  if (numbers.length > 2) return Number.NaN;
  return numbers.length === 1 ? numbers[0] : numbers;
}

/** `3`, `3 × 5`. Whatever a link or a file has in this place gets some text: an object's own may be none. */
export function formatValue(value: unknown): string {
  if (value === undefined || value === null) return '';
  if (Array.isArray(value)) return value.map(formatValue).join(' × ');
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}
