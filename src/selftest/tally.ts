/** Counts the runs of an op's checks and collects the failures for the report. */
import { difference, indices } from './arrays.ts';
import type { Comparison } from './check.ts';
import type { Failure, OpReport } from './report.ts';

/** Largest number of failures of an op in a report: a wrong kernel fails in many cases. */
const MOST_FAILURES = 5;

/** Collects the results of an op's cases for its report. */
export class Tally {
  readonly #op: string;
  readonly #titles: readonly string[];
  readonly #kernels = new Set<string>();
  readonly #failures: Failure[] = [];
  readonly #skipped: { case: string; why: string }[] = [];
  readonly #cases = new Set<string>();
  #runs = 0;
  /** Error and tolerance of the result with the largest ratio of error to tolerance. */
  #worst = { error: 0, tolerance: 0, share: -1 };

  /** @param titles titles of the op's cases, in their order */
  constructor(op: string, titles: readonly string[]) {
    this.#op = op;
    this.#titles = titles;
  }

  kernels(names: readonly string[]): void {
    for (const name of names) this.#kernels.add(name);
  }

  skip(title: string, why: string): void {
    this.#skipped.push({ case: title, why });
  }

  /** Counts a run. @returns whether all its results are right */
  compare(where: Pick<Failure, 'case' | 'kernel'>, comparisons: readonly Comparison[]): boolean {
    const failures = comparisons.flatMap(({ what, got, want, tolerance: { error: tolerance } }): Failure[] => {
      const { wrong, error, at } = difference(got, want.data, tolerance);
      const share = error === 0 ? 0 : error / tolerance;
      if (share > this.#worst.share) this.#worst = { error, tolerance, share };
      if (wrong === 0) return [];
      const found = { got: got[at]!, want: want.data[at]!, error, tolerance, wrong, elements: want.data.length };
      return [{ ...where, what, index: indices(at, want.shape), ...found }];
    });
    this.#count(where.case, failures);
    return failures.length === 0;
  }

  /** Counts a run without a result. */
  fail(failure: Failure): void {
    this.#count(failure.case, [failure]);
  }

  #count(title: string, failures: readonly Failure[]): void {
    this.#cases.add(title);
    this.#runs++;
    // One failure for each run: if y is wrong, its gradients are wrong too.
    if (failures.length > 0) this.#failures.push(failures[0]!);
  }

  report(milliseconds: number): OpReport {
    const { error, tolerance } = this.#worst;
    // Cases end in any order; the report has them in the order of the spec.
    const place = (failure: Failure) => this.#titles.indexOf(failure.case);
    const failures = this.#failures.sort((a, b) => place(a) - place(b));
    return {
      op: this.#op,
      cases: this.#cases.size,
      runs: this.#runs,
      kernels: [...this.#kernels].sort(),
      worstError: error,
      tolerance,
      milliseconds,
      failed: failures.length,
      failures: failures.slice(0, MOST_FAILURES),
      skipped: this.#skipped,
    };
  }
}
