/** Chooses the picture that is followed through the network. */
import { useEffect } from 'preact/hooks';
import { Button } from '../../ui/controls.tsx';
import { Gloss } from '../../ui/gloss.tsx';
import { CLASS_NAMES } from '../protocol/index.ts';
import { chosenRow } from '../sections/network/state.ts';
import { otherRow, rowBeside } from '../sections/network/strip.ts';
import { data, rowsByRole } from '../state/data.ts';

/** One of the test pictures, or of those to train on where there are none. */
export function PictureChoice() {
  const { test, train } = rowsByRole.value;
  const rows = test.length > 0 ? test : train;
  const row = chosenRow.value;
  useEffect(() => {
    if (row === undefined || !rows.includes(row)) chosenRow.value = rows[0];
  }, [rows, row]);
  const choose = (chosen: number | undefined) => {
    chosenRow.value = chosen;
  };
  const few = rows.length < 2;
  const label = row === undefined ? undefined : data.value?.labels[row];
  return (
    <div class="row picture-choice">
      <span>
        Picture:{' '}
        {label === undefined ? (
          '…'
        ) : (
          <>
            <span class="either">
              <strong class={`${CLASS_NAMES[label]}-text`}>{CLASS_NAMES[label]}</strong>,
            </span>{' '}
            <Gloss meaning="One recording series: a day of one animal">segment</Gloss> {data.value!.segments[row!]}
          </>
        )}
      </span>
      <Button label="Previous picture" disabled={few} onClick={() => choose(rowBeside(rows, row, -1))}>
        ‹
      </Button>
      <Button label="Next picture" disabled={few} onClick={() => choose(rowBeside(rows, row, 1))}>
        ›
      </Button>
      <Button disabled={few} onClick={() => choose(otherRow(rows, row))}>
        Random
      </Button>
    </div>
  );
}
