/** Which tests `npm test -- NAME` means, and where they run: each file in the fastest project that has it. */
import { basename } from 'node:path';
import { createVitest } from 'vitest/node';

/** The fastest first: Dawn starts in a second, a browser in several, and the page is built before. */
const FASTEST = ['node', 'dawn', 'browser', 'page', 'firefox'];

export interface ChosenFiles {
  readonly projects: readonly string[];
  /** Paths from the root. */
  readonly files: readonly string[];
  /** Files that are not among them, though their paths contain a part too: what is named exactly is meant alone. */
  readonly beside: readonly string[];
}

/** @param filter parts of paths; where a file is called like one of them, that file is meant alone */
export async function chooseFiles(filter: readonly string[]): Promise<ChosenFiles> {
  const vitest = await createVitest('test', { watch: false });
  const found = new Map<string, string[]>();
  const matching = new Set<string>();
  const pathOf = (moduleId: string) => moduleId.slice(vitest.config.root.length + 1);
  try {
    for (const text of filter) {
      const all = await vitest.globTestSpecifications([text]);
      for (const { moduleId } of all) matching.add(pathOf(moduleId));
      const named = all.filter(({ moduleId }) => basename(moduleId).replace(/(\.node)?\.test\.ts$/, '') === text);
      for (const { moduleId, project } of named.length > 0 ? named : all) {
        const path = pathOf(moduleId);
        found.set(path, [...(found.get(path) ?? []), project.name.replace(/ \(.*/, '')]);
      }
    }
  } finally {
    await vitest.close();
  }
  const fastest = [...found.values()].map((names) => FASTEST.find((name) => names.includes(name))!);
  const files = [...found.keys()];
  return { projects: [...new Set(fastest)], files, beside: [...matching].filter((path) => !found.has(path)).sort() };
}
