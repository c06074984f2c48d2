import { conv2dEpilogueSpec, matmulEpilogueSpec } from '../../src/selftest/specs/epilogue.ts';
import { checkOp } from '../support/checkOp.ts';

checkOp(conv2dEpilogueSpec);
checkOp(matmulEpilogueSpec);
