/** What random cases have found: the worst error of each kind beside what is allowed, and counts. */

export interface ReportLine {
  /** Comparisons: of values one a case, of gradients one for each input. */
  readonly compared: number;
  readonly error: number;
  readonly allowed: number;
  /** Why that much is allowed. */
  readonly why: string;
}

/** Plain data, which a test hands to the test runner as its `meta`. */
export interface ReportData {
  readonly errors: Readonly<Record<string, ReportLine>>;
  readonly counts: Readonly<Record<string, number>>;
}

declare module 'vitest' {
  interface TaskMeta {
    report?: ReportData;
  }
}

class Report {
  #errors: Record<string, ReportLine> = {};
  #counts: Record<string, number> = {};

  /** An error within what is allowed; of one name the worst is kept, as a part of what was allowed. */
  error(name: string, error: number, allowed: number, why: string): void {
    const { compared, ...worst } = this.#errors[name] ?? { compared: 0, error: 0, allowed, why };
    const worse = error * worst.allowed > worst.error * allowed;
    this.#errors[name] = { ...worst, compared: compared + 1, ...(worse ? { error, allowed } : {}) };
  }

  count(name: string): void {
    this.#counts[name] = (this.#counts[name] ?? 0) + 1;
  }

  /** Everything since the last call. */
  take(): ReportData {
    const data = { errors: this.#errors, counts: this.#counts };
    this.#errors = {};
    this.#counts = {};
    return data;
  }
}

export const report = new Report();
