/** The table at the end of `npm test`: what ran in each project, and how long it took from its first file to its last. */
import type { Reporter, TestModule } from 'vitest/node';

interface Row {
  files: number;
  tests: number;
  /** By the clock, in milliseconds. */
  readonly begun: number;
  ended: number;
}

/** Listens to a run, for its table. */
export class TestTable {
  readonly #rows = new Map<string, Row>();
  readonly reporter: Reporter = {
    onTestModuleQueued: (module) => void this.#row(module),
    onTestModuleEnd: (module) => this.#end(module),
  };

  #row({ project }: TestModule): Row {
    const now = performance.now();
    const row = this.#rows.get(project.name) ?? { files: 0, tests: 0, begun: now, ended: now };
    this.#rows.set(project.name, row);
    return row;
  }

  #end(module: TestModule): void {
    const row = this.#row(module);
    row.files++;
    for (const test of module.children.allTests()) if (test.result().state !== 'skipped') row.tests++;
    row.ended = performance.now();
  }

  /** The projects in the order in which they began. */
  toString(): string {
    const cells = [...this.#rows].map(([project, { files, tests, begun, ended }]) => [
      project.replace(/ \(.*/, ''),
      ...[files, tests, Math.round((ended - begun) / 1000)].map(String),
    ]);
    const lines = [['project', 'files', 'tests', 'seconds'], ...cells];
    return lines.map(([first, ...rest]) => first!.padEnd(9) + rest.map((cell) => cell.padStart(9)).join('')).join('\n');
  }
}
