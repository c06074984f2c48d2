import { addSpec } from '../../src/selftest/specs/add.ts';
import { checkBinary } from '../support/broadcast.ts';

checkBinary(addSpec);
