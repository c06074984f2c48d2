import { meanSquaredErrorSpec } from '../../src/selftest/specs/meanSquaredError.ts';
import { checkElementwiseLoss } from '../support/elementwiseLoss.ts';

checkElementwiseLoss(meanSquaredErrorSpec, (tf, p, t) => tf.squaredDifference(p, t));
