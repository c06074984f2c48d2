/** The strip of images to choose from, with buttons for the previous, the next and a random one. */
import { useEffect } from 'preact/hooks';
import { Button } from '../../../ui/controls.tsx';
import { CLASS_NAMES } from '../../protocol/index.ts';
import { rowsByRole } from '../../state/data.ts';
import { usePictures } from '../../state/usePictures.ts';
import { BrainPicture } from '../brainPicture.tsx';
import { chosenRow } from './state.ts';
import { otherRow, rowBeside, STRIP, stripOf } from './strip.ts';

/** Chooses the image that is followed through the network: one of the test images, or of all where there are none. */
export function Chooser() {
  const { test, train } = rowsByRole.value;
  const rows = test.length > 0 ? test : train;
  const row = chosenRow.value;
  const wanted = stripOf(rows, row);
  const pictures = usePictures(wanted) ?? [];
  useEffect(() => {
    if (row === undefined || !rows.includes(row)) chosenRow.value = rows[0];
  }, [rows, row]);
  const choose = (chosen: number | undefined) => {
    chosenRow.value = chosen;
  };
  const chosen = pictures.find((picture) => picture.row === row);
  const few = rows.length < 2;
  return (
    <div class="chooser">
      <ul>
        {Array.from({ length: STRIP }, (_, i) => {
          const picture = pictures[i];
          if (!picture) return <li key={i} class={i < wanted.length ? 'picture' : ''} />;
          const name = `${CLASS_NAMES[picture.label]}, segment ${picture.segment}`;
          return (
            <li key={i}>
              <button
                type="button"
                aria-pressed={picture.row === row}
                aria-label={`Follow this image: ${name}`}
                onClick={() => choose(picture.row)}
              >
                <BrainPicture pixels={picture.pixels} label={name} />
                <span class={`${CLASS_NAMES[picture.label]}-text`}>{CLASS_NAMES[picture.label]}</span>
              </button>
            </li>
          );
        })}
      </ul>
      <div class="row">
        <Button disabled={few} onClick={() => choose(rowBeside(rows, row, -1))}>
          Previous
        </Button>
        <Button disabled={few} onClick={() => choose(rowBeside(rows, row, 1))}>
          Next
        </Button>
        <Button disabled={few} onClick={() => choose(otherRow(rows, row))}>
          Random
        </Button>
        <span class="note chosen-image">
          {chosen && `a ${CLASS_NAMES[chosen.label]} image of segment ${chosen.segment}, `}
          {row !== undefined &&
            `${rows.indexOf(row) + 1} of ${rows.length} ${test.length > 0 ? 'test' : 'training'} images`}
        </span>
      </div>
    </div>
  );
}
