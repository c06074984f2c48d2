/** The gallery: real images beside fake ones, by segment, in one of two colormaps. */
import { useMemo, useState } from 'preact/hooks';
import { Button, Segmented, SelectField } from '../../../ui/controls.tsx';
import { Panel } from '../../../ui/layout.tsx';
import { CLASS_NAMES, type Picture } from '../../protocol/index.ts';
import { type Colormap, colormap, data } from '../../state/data.ts';
import { usePictures } from '../../state/usePictures.ts';
import { BrainPicture } from '../brainPicture.tsx';
import { countImages } from './countImages.ts';
import { galleryRows } from './galleryRows.ts';

/** Images of each class that are shown at once. */
const COUNT = 8;

const COLORMAPS: readonly { value: Colormap; label: string }[] = [
  { value: 'rainbow', label: 'Rainbow' },
  { value: 'grey', label: 'Grey' },
];

const TITLES = { real: 'Real', fake: 'Fake' };

const ORIGINS = {
  simulated: 'Both kinds are simulated, after pictures that the course published.',
  'course files': 'These are the images of your course files.',
  pictures: 'These are the pictures that you have opened.',
  'handed over': 'These are the pictures of the page about fakes.',
};

/** Real images beside fake ones. */
export function Gallery() {
  const [chosen, setChosen] = useState('all');
  const [page, setPage] = useState(0);
  const summary = data.value;
  const segments = useMemo(() => (summary ? countImages(summary).map(({ segment }) => segment) : []), [summary]);
  const choice = segments.includes(Number(chosen)) ? chosen : 'all';
  const segment = choice === 'all' ? undefined : Number(choice);
  const rows = useMemo(
    () => (summary ? [0, 1].flatMap((label) => galleryRows(summary, { label, segment, page, count: COUNT })) : []),
    [summary, segment, page],
  );
  const pictures = usePictures(rows);
  const options = ['all', ...segments.map(String)].map((value) => ({
    value,
    label: value === 'all' ? 'all' : `segment ${value}`,
  }));
  const choose = (value: string) => {
    setChosen(value);
    setPage(0);
  };
  return (
    <Panel title="Real beside fake" note={ORIGINS[summary?.source ?? 'simulated']}>
      <div class="row gallery-controls">
        <SelectField label="Segment" value={choice} options={options} onChange={choose} disabled={!summary} />
        <Segmented
          label="Colours"
          value={colormap.value}
          options={COLORMAPS}
          onChange={(value) => {
            colormap.value = value;
          }}
        />
        <ColourBar />
        <Button disabled={!summary} onClick={() => setPage(page + 1)}>
          Other images
        </Button>
      </div>
      <div class="gallery">
        {CLASS_NAMES.map((name, label) => (
          <Block key={name} name={name} pictures={pictures?.filter((picture) => picture.label === label)} />
        ))}
      </div>
    </Panel>
  );
}

/** What the colours mean. */
function ColourBar() {
  return (
    <span class="colour-bar">
      <span aria-hidden="true">0</span>
      <span
        class={`colour-bar-strip ${colormap.value}`}
        role="img"
        aria-label="The colours from 0, dark, to 1, bright"
      />
      <span aria-hidden="true">1</span>
    </span>
  );
}

/** @param pictures undefined while the first are loaded */
function Block({ name, pictures }: { name: 'real' | 'fake'; pictures: Picture[] | undefined }) {
  const places = Array.from({ length: COUNT }, (_, i) => pictures?.[i]);
  return (
    <div class="gallery-block">
      <h4 class={`${name}-text`} id={`gallery-${name}`}>
        {TITLES[name]}
      </h4>
      <ul aria-labelledby={`gallery-${name}`}>
        {places.map((picture, place) => (
          <li key={place} class={pictures && !picture ? 'no-picture' : ''}>
            {picture ? (
              <BrainPicture pixels={picture.pixels} label={`${name}, segment ${picture.segment}`} />
            ) : (
              <span class="picture" />
            )}
            <span class="gallery-caption" aria-hidden="true">
              {picture ? `segment ${picture.segment}` : ' '}
            </span>
          </li>
        ))}
      </ul>
    </div>
  );
}
