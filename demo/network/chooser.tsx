import { useEffect, useState } from 'preact/hooks';
import { Picture } from '../draw/picture.tsx';
import { CLASS_NAMES, type Picture as PictureData } from '../protocol.ts';
import { data, rowsByRole } from '../state/data.ts';
import { attempt, lab } from '../state/lab.ts';
import { Button } from '../ui/controls.tsx';
import { chosenRow } from './watch.ts';

/** Images to choose from. */
const STRIP = 8;

/** Chooses the image that is followed through the network: one of the test images, or of all where there are none. */
export function Chooser() {
  const [start, setStart] = useState(0);
  const [pictures, setPictures] = useState<readonly PictureData[]>([]);
  const { test, train } = rowsByRole.value;
  const rows = test.length > 0 ? test : train;
  const images = data.value;
  useEffect(() => {
    if (rows.length === 0) return;
    let current = true;
    const wanted = Array.from({ length: Math.min(STRIP, rows.length) }, (_, i) => rows[(start + i) % rows.length]!);
    attempt(() => lab.pictures(wanted)).then((found) => {
      if (!current || !found) return;
      setPictures(found);
      if (chosenRow.value === undefined || !wanted.includes(chosenRow.value)) chosenRow.value = found[0]!.row;
    });
    return () => {
      current = false;
    };
  }, [images, start, test.length]);
  return (
    <div class="chooser">
      <ul>
        {Array.from({ length: STRIP }, (_, i) => {
          const picture = pictures[i];
          if (!picture) return <li key={i} class="picture" />;
          const name = `${CLASS_NAMES[picture.label]}, segment ${picture.segment}`;
          return (
            <li key={i}>
              <button
                type="button"
                aria-pressed={picture.row === chosenRow.value}
                aria-label={`Follow this image: ${name}`}
                onClick={() => {
                  chosenRow.value = picture.row;
                }}
              >
                <Picture pixels={picture.pixels} label={name} />
                <span class={`${CLASS_NAMES[picture.label]}-text`}>{CLASS_NAMES[picture.label]}</span>
              </button>
            </li>
          );
        })}
      </ul>
      <Button disabled={rows.length <= STRIP} onClick={() => setStart((start + STRIP) % rows.length)}>
        Other images
      </Button>
    </div>
  );
}
