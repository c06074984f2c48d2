/**
 * Numbers that the GPU computed, beside the same numbers by hand: in float64, by plain TypeScript. The page shows whether
 * they are equal. Nothing moves when the GPU's number arrives.
 */
import { Fragment } from 'preact';
import { agrees, formatFixed } from './agrees.ts';
import { machine } from './machine.ts';

export { agrees, formatFixed };

/**
 * One number. Until the GPU has answered, and without one, it is the one by hand, and says so.
 * @param props.name what it is, for tests: the value of `data-verified`, which is there once the GPU has computed it
 * @param props.value computed on the GPU; undefined: not there yet
 * @param props.reference by hand, in float64
 * @param props.digits decimals that are shown
 */
export function Verified(props: {
  name: string;
  value: number | undefined;
  reference: number;
  tolerance?: number;
  digits?: number;
}) {
  const { name, value, reference, tolerance, digits = 3 } = props;
  const text = formatFixed(value ?? reference, digits);
  const checked = value === undefined ? {} : { 'data-verified': name, 'data-reference': String(reference) };
  const wrong = value !== undefined && !agrees(value, reference, tolerance);
  // With room for a sign, which may come and go while a network learns: nothing beside it moves.
  const room = text.replace('−', '').length + 1;
  return (
    <span class="verified">
      <strong {...checked} style={{ minWidth: `${room}ch` }}>
        {text}
      </strong>
      {/* Others behind a longer number: to the browser, what moves would be a page that moves. */}
      <Fragment key={text.length}>
        {' '}
        <Verdict
          known={value !== undefined}
          wrong={wrong && `by hand ${formatFixed(reference, Math.max(digits, 6))}`}
        />
      </Fragment>
    </span>
  );
}

/**
 * Many numbers at once, as a sentence.
 * @param props.what names them, as in “16 numbers of the map”
 */
export function AllVerified(props: {
  what: string;
  values: ArrayLike<number> | undefined;
  references: ArrayLike<number>;
  tolerance?: number;
}) {
  const { what, values, references, tolerance } = props;
  const pairs = Array.from(references, (reference, i) => ({ reference, value: values?.[i] ?? Number.NaN }));
  const wrong = pairs.filter(({ value, reference }) => !agrees(value, reference, tolerance)).length;
  const known = values !== undefined;
  return (
    <span class="verified">
      {what} <Verdict known={known} wrong={known && wrong > 0 && `${wrong} of ${references.length} differ`} />
    </span>
  );
}

/** @param props.wrong how they differ */
function Verdict({ known, wrong }: { known: boolean; wrong: string | false }) {
  if (wrong) {
    return (
      <span class="verdict-by wrong" role="alert">
        ⚠ GPU ≠ by hand: {wrong}
      </span>
    );
  }
  if (known) return <span class="verdict-by equal">GPU = by hand ✓</span>;
  return <span class="verdict-by">{machine.value.state === 'missing' ? 'by hand (float64)' : 'by hand; GPU …'}</span>;
}
