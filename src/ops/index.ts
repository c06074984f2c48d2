export { add } from './add.ts';
export { broadcastTo } from './broadcastTo.ts';
export { fill } from './fill.ts';
export { mean, type ReduceOptions, sum, sumTo } from './reduce.ts';
export { relu } from './relu.ts';
export { flatten, reshape } from './reshape.ts';
