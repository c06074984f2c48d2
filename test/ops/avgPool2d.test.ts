import { avgPool2d } from '../../src/index.ts';
import { avgPool2dSpec } from '../../src/selftest/specs/avgPool2d.ts';
import { checkOp } from '../support/checkOp.ts';
import { checkPoolErrors } from '../support/pool.ts';

checkOp(avgPool2dSpec);

checkPoolErrors('avgPool2d', avgPool2d);
