/** Random small networks: three training steps and a prediction agree with TensorFlow.js on the CPU. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { networkCases } from './cases.ts';
import { asCode, type NetworkCase, network } from './network.ts';
import { networkCount, parameters } from './options.ts';
import { type Comparison, compare } from './outcome.ts';
import { report } from './report.ts';
import { trainEngine } from './trainEngine.ts';
import { trainOracle } from './trainOracle.ts';

/** Relative changes of first weights and data that are about what rounding does along a few layers. */
const JITTER = 1e-6;
/** Runs of the reference with such changes: if there is a kink within reach, one of them is nearly sure to pass it. */
const JITTERED = 8;
/** How much more than in those runs the outcome may differ. */
const BEYOND = 5;
/** Share of cases that may lie so close to a kink that rounding decides. */
const MOST_UNDECIDED = 0.03;

/** Cases of one test, so that one sees how far they are. */
const PER_TEST = 20;

let undecided = 0;

async function check(c: NetworkCase): Promise<void> {
  const { outcome, beginning } = await trainEngine(c);
  const composed = new Set<string>();
  const want = await trainOracle(c, beginning, { composed: (what) => composed.add(what) });
  const comparisons = compare(outcome, want);
  for (const what of composed) report.count(`networks composed in TensorFlow.js: ${what}`);
  report.count(`networks, ${composed.size > 0 ? 'in part composed' : 'all by'} TensorFlow.js' own ops`);
  const wrong = comparisons.filter(({ error, allowed }) => !(error <= allowed));
  if (wrong.length === 0) {
    for (const { name, error, allowed, why } of comparisons) {
      report.error(`networks: ${kind(name)}`, error, allowed, why);
    }
    return;
  }
  // A relu at 0, a tie of a max-pool, a gradient that is 0 but for rounding: there the reference itself jumps.
  const spread = comparisons.map(() => 0);
  for (let k = 1; k <= JITTERED; k++) {
    const other = await trainOracle(c, beginning, { jitter: JITTER, jitterSeed: k });
    compare(other, want).forEach(({ error }, i) => {
      spread[i] = Math.max(spread[i]!, error);
    });
  }
  const beyond = comparisons.filter(({ error, allowed }, i) => !(error <= allowed + BEYOND * spread[i]!));
  if (beyond.length > 0) throw new Error(`${beyond.map(describe).join('\n')}\n${asCode(c)}`);
  undecided++;
  report.count('networks at a kink, where rounding decides');
}

function kind(name: string): string {
  return name.includes('/') ? 'weights' : name;
}

function describe({ name, error, allowed }: Comparison): string {
  return `${name}: off by ${error.toExponential(2)}, ${allowed.toExponential(2)} is allowed`;
}

const sizes = Array.from({ length: Math.ceil(networkCount / PER_TEST) }, (_, i) =>
  Math.min(PER_TEST, networkCount - i * PER_TEST),
);

test.for(sizes.map((cases, part) => ({ cases, part, number: part + 1 })))(
  'three steps of $cases random networks, part $number',
  { timeout: 3_600_000 },
  async ({ cases, part }, { task }) => {
    const examples = part === 0 ? networkCases.map((c): [NetworkCase] => [c]) : [];
    await fc.assert(fc.asyncProperty(network, check), { ...parameters(cases, part), examples });
    task.meta.report = report.take();
  },
);

test('few networks lie at a kink', () => {
  expect(undecided).toBeLessThanOrEqual(Math.max(2, MOST_UNDECIDED * networkCount));
});
