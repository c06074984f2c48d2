import { type ContenderRequest, runContender, runFirstStep } from '../contender.ts';
import { createTensorflow } from '../peers/tensorflow.ts';

export const run = (request: ContenderRequest) => runContender(createTensorflow, request);
export const first = (request: ContenderRequest, began: number) => runFirstStep(createTensorflow, request, began);
