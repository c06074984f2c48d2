/** What the random cases of a run have found: the worst error of each kind beside what is allowed, and counts. */

interface Line {
  cases: number;
  /** The largest error in parts of what was allowed. */
  worst: number;
  /** That error, and what was allowed. */
  error: number;
  allowed: number;
}

class Report {
  readonly errors = new Map<string, Line>();
  readonly counts = new Map<string, number>();

  error(name: string, error: number, allowed: number): void {
    const line = this.errors.get(name) ?? { cases: 0, worst: -1, error: 0, allowed: 0 };
    this.errors.set(name, line);
    line.cases++;
    const share = error / allowed;
    if (share > line.worst) Object.assign(line, { worst: share, error, allowed });
  }

  count(name: string): void {
    this.counts.set(name, (this.counts.get(name) ?? 0) + 1);
  }
}

export const report = new Report();
