import { copy } from '../../index.ts';
import { opSpec } from '../spec.ts';

export const copySpec = opSpec({
  name: 'copy',
  cases: [
    { why: 'less than a vec4', shapes: [[3]], params: undefined },
    { why: 'a last vec4 that is not full, more than a workgroup', shapes: [[3, 7, 19]], params: undefined },
  ],
  build: ([x]) => copy(x!),
  forward: ([x]) => x!,
  backward: (_, dy) => [dy],
  tolerance: { forward: { error: 0, why: 'nothing is computed' } },
});
