/** A planned training step as plain data, for the page to draw. The checks of a watch that follow one another are one row. */
import type { Plan, PlanJson } from 'neurite';
import type { BindingInfo, Schedule } from '../protocol/index.ts';

/** @param microseconds GPU time of each dispatch of the plan, where it was measured */
export function scheduleOf(plan: Plan, batchSize: number, microseconds?: readonly number[]): Schedule {
  const { dispatches, lifetimes, slots, variables, inputs, peakBytes } = plan.toJSON();
  const rows = rowsOf(dispatches);
  const rowOf = (dispatch: number) => rows.findLastIndex(([first]) => first! <= dispatch);
  return {
    batchSize,
    dispatches: rows.map((row) => ({
      ...dispatches[row[0]!]!,
      bindings: distinct(row.flatMap((dispatch) => dispatches[dispatch]!.bindings)),
    })),
    slots,
    lifetimes: lifetimes.map((lifetime) => ({
      ...lifetime,
      first: rowOf(lifetime.first),
      last: rowOf(lifetime.last),
    })),
    variables,
    inputs,
    peakBytes,
    ...(microseconds ? { microseconds: rows.map((row) => row.reduce((sum, i) => sum + microseconds[i]!, 0)) } : {}),
  };
}

/** The dispatches of each row: one, or all checks that follow one another. */
function rowsOf(dispatches: PlanJson['dispatches']): number[][] {
  const rows: number[][] = [];
  dispatches.forEach(({ phase }, i) => {
    if (phase === 'check' && dispatches[i - 1]?.phase === 'check') rows.at(-1)!.push(i);
    else rows.push([i]);
  });
  return rows;
}

/** Each tensor once: as one that is written, where it is read and written. */
function distinct(bindings: readonly BindingInfo[]): BindingInfo[] {
  const found = new Map<string, BindingInfo>();
  for (const binding of bindings) {
    const { name } = binding.tensor;
    if (binding.access === 'read_write' || !found.has(name)) found.set(name, binding);
  }
  return [...found.values()];
}
