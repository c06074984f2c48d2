import { reluSpec } from '../../src/selftest/specs/relu.ts';
import { checkOp } from '../support/checkOp.ts';

checkOp(reluSpec);
