/** What `npm test` and `npm run test:deep` read off vitest alike. */
import type { TestModule } from 'vitest/node';

/** What failed in a file outside of its tests: in its own code, or in a hook. */
export function errorsOutside(module: TestModule) {
  return [module, ...module.children.allSuites()].flatMap((suite) => suite.errors());
}
