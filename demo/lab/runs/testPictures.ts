/** What the pictures of a test are, beside those that the network trains on: only some data have days and animals. */
import type { DataSummary, Role, Roles } from '../protocol/index.ts';
import { isOpened, type RunRecord } from './record.ts';

type Source = DataSummary['source'];

/** Pictures of one source, by the numbers of their segments. */
interface Pictures {
  readonly source: Source;
  readonly segments: readonly number[];
}

export type TestKind = 'new animals' | 'other days' | 'same days' | 'other pictures';

/** Segments up to the first of these numbers have no animal in common with those from the second one on. */
const APART = [2, 7] as const;

/** Whether segments are days, each with its animals. */
export const hasDays = (source: Source) => source === 'simulated' || source === 'course files';

export function testKind(trained: Pictures, tested: Pictures): TestKind {
  const { source } = trained;
  const both = trained.segments.length > 0 && tested.segments.length > 0;
  if (!both || tested.source !== source || tested.segments.some((one) => trained.segments.includes(one))) {
    return 'other pictures';
  }
  if (source === 'handed over') return 'same days';
  if (!hasDays(source)) return 'other pictures';
  const apart = (a: Pictures, b: Pictures) =>
    Math.max(...a.segments) <= APART[0] && Math.min(...b.segments) >= APART[1];
  return apart(trained, tested) || apart(tested, trained) ? 'new animals' : 'other days';
}

export const segmentsFor = (role: Role, roles: Roles) => [...roles.keys()].filter((segment) => roles[segment] === role);

/** What a run trains on. Of a model from a file it is not known. */
export const trainedOn = (run: RunRecord): Pictures => ({
  source: run.source,
  segments: isOpened(run) ? [] : segmentsFor('train', run.settings.data.roles),
});

/** What a run was tested on, or will be. */
export function testKindOf(run: RunRecord): TestKind {
  const { settings, source, test } = run;
  const segments = test ? [...new Set(test.segments)] : segmentsFor('test', settings.data.roles);
  return testKind(trainedOn(run), { source: test?.source ?? source, segments });
}

interface TestTexts {
  /** Beside a score. */
  readonly name: string;
  /** In a sentence, behind “79 % on”. */
  readonly on: string;
  readonly title: string;
  readonly note: string;
}

const WHY = 'Only they say whether it learned what makes a fake.';

export const TEST_TEXTS: Record<TestKind, TestTexts> = {
  'new animals': {
    name: 'new animals',
    on: 'new animals',
    title: 'Test on new animals',
    note: `The test pictures are of other days and other animals. ${WHY}`,
  },
  'other days': {
    name: 'other days',
    on: 'other days',
    title: 'Test on other days',
    note: `The test pictures are of other days, of animals that it may have seen. ${WHY}`,
  },
  'same days': {
    name: 'new pictures',
    on: 'new pictures of the same days',
    title: 'Test on new pictures',
    note: 'The test pictures are new, but of the days that it trains on. How it does on other days they do not say.',
  },
  'other pictures': {
    name: 'test pictures',
    on: 'the test pictures',
    title: 'Test',
    note: 'The test pictures are those whose segment has the use “test”.',
  },
};
