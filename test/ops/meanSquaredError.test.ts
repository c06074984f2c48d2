import { meanSquaredErrorSpec } from '../../src/selftest/specs/meanSquaredError.ts';
import { checkElementwiseLoss } from '../support/elementwiseLoss.ts';

checkElementwiseLoss(meanSquaredErrorSpec);
