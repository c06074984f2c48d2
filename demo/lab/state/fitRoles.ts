import type { Role, Roles } from '../protocol/index.ts';

/** Of three segments one tests. */
const TEST_PART = 1 / 3;

/**
 * What segments are used for once only some of them have images. Roles stay as they are where there is something to train
 * and to test on; else the lowest of the segments train and the highest test.
 * @param present segments that have images
 */
export function fitRoles(roles: Roles, present: Iterable<number>): Roles {
  const there = [...new Set(present)].sort((a, b) => a - b);
  const has = (role: Role) => there.some((segment) => roles[segment] === role);
  if (has('train') && (has('test') || there.length === 1)) return roles;
  const tests = there.length > 1 ? Math.max(1, Math.floor(there.length * TEST_PART)) : 0;
  const training = there.slice(0, there.length - tests);
  const testing = there.slice(there.length - tests);
  return roles.map((_, segment) => {
    if (training.includes(segment)) return 'train';
    return testing.includes(segment) ? 'test' : 'unused';
  });
}
