import { type ContenderRequest, runContender, runFirstStep } from '../contender.ts';
import { createJax } from '../peers/jax.ts';

export const run = (request: ContenderRequest) => runContender(createJax, request);
export const first = (request: ContenderRequest, began: number) => runFirstStep(createJax, request, began);
