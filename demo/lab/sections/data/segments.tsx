/** The table of segments: how many images each has, and whether it trains, validates or tests. */
import { useMemo } from 'preact/hooks';
import { formatCount, formatPercent } from '../../../format.ts';
import { Panel } from '../../../ui/layout.tsx';
import { type Role, SEGMENTS, VALIDATION_SPLIT } from '../../protocol/index.ts';
import { running } from '../../runs/runs.ts';
import { data, roles, rowsByRole, setRole } from '../../state/data.ts';
import { countImages, listOf, type SegmentCount } from './countImages.ts';

const OF_DAYS = 'A segment is one recording series: another segment, another day, often another animal.';
const NOTES = {
  simulated: OF_DAYS,
  'course files': OF_DAYS,
  pictures: 'The segment of a picture is the number in its name or folder; without numbers every fourth picture tests.',
  'handed over': 'All are of the same two days. The generator has not seen the recordings of segment 7.',
};

const ROLES: readonly Role[] = ['train', 'validate', 'test', 'unused'];

/** What each segment is used for. */
export function Segments() {
  const summary = data.value;
  const counts = useMemo(() => new Map(summary ? countImages(summary).map((c) => [c.segment, c]) : []), [summary]);
  return (
    <Panel title="What each segment is used for" note={NOTES[summary?.source ?? 'simulated']}>
      <div class="scroll">
        <table class="segments">
          <thead>
            <tr>
              <th scope="col">Segment</th>
              {ROLES.map((role) => (
                <th key={role} scope="col" class="segments-role">
                  {role}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {Array.from({ length: SEGMENTS }, (_, segment) => (
              <SegmentRow key={segment} segment={segment} count={counts.get(segment)} />
            ))}
          </tbody>
          <tfoot>
            <tr>
              <th scope="row">Images</th>
              {ROLES.map((role) => (
                <td key={role} class="segments-role">
                  {summary ? formatCount(rowsByRole.value[role].length) : '–'}
                </td>
              ))}
            </tr>
          </tfoot>
        </table>
      </div>
      <Validation />
    </Panel>
  );
}

function SegmentRow({ segment, count }: { segment: number; count: SegmentCount | undefined }) {
  // Simulated images are made as a segment gets a use; files have what they have.
  const missing = !count && data.value !== undefined && data.value.source !== 'simulated';
  return (
    <tr>
      <th scope="row">
        {segment}
        <span class="segments-count">{count ? `${count.real} real, ${count.fake} fake` : 'no images'}</span>
      </th>
      {ROLES.map((role) => (
        <td key={role} class={`segments-role ${roles.value[segment] === role && !missing ? `is-${role}` : ''}`}>
          <label>
            <input
              type="radio"
              name={`segment-${segment}`}
              aria-label={`Segment ${segment}: ${role}`}
              checked={roles.value[segment] === role}
              disabled={running.value || missing}
              onChange={() => setRole(segment, role)}
            />
          </label>
        </td>
      ))}
    </tr>
  );
}

/** Where the validation curve comes from. */
function Validation() {
  const segments = [...roles.value.keys()].filter((segment) => roles.value[segment] === 'validate');
  const part = formatPercent(VALIDATION_SPLIT, 0);
  return (
    <p class="note segments-note">
      {running.value
        ? 'A run is under way: the segments can be changed when it is over.'
        : segments.length === 0
          ? `Without a segment to validate on, ${part} of the training images are held out for it.`
          : `Validated on ${segments.length === 1 ? 'segment' : 'segments'} ${listOf(segments)}: all training images train. Without such a segment ${part} of them are held out.`}
      {data.value && rowsByRole.value.test.length === 0 && ' There is nothing to test on: give a segment the use test.'}
    </p>
  );
}
