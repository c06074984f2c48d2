import { type ContenderRequest, runContender, runFirstStep } from '../contender.ts';
import { createNeurite } from '../peers/neurite.ts';

export const run = (request: ContenderRequest) => runContender(createNeurite, request);
export const first = (request: ContenderRequest, began: number) => runFirstStep(createNeurite, request, began);
