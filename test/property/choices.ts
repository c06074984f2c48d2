/** Choices by a list of numbers, such that fast-check's smaller numbers mean what is listed first: the simplest. */
export class Choices {
  readonly #numbers: readonly number[];
  #next = 0;

  constructor(numbers: readonly number[]) {
    this.#numbers = numbers;
  }

  /** A number from 0 to below `limit`. */
  below(limit: number): number {
    const number = this.#numbers[this.#next++];
    if (number === undefined) throw new Error(`there are but ${this.#numbers.length} numbers to choose by`);
    return number % limit;
  }

  of<T>(list: readonly T[]): T {
    return list[this.below(list.length)]!;
  }

  /** True once in `n` times. */
  chance(n: number): boolean {
    return this.below(n) === n - 1;
  }
}
