import { useRef } from 'preact/hooks';
import { addressOf } from '../../../frame/pages.ts';
import '../../../styles/data.css';
import { Section } from '../../../ui/layout.tsx';
import { Gallery } from './gallery.tsx';
import { openUserFiles } from './openUserFiles.ts';
import { Segments } from './segments.tsx';
import { Sources } from './sources.tsx';
import { useFileDrop } from './useFileDrop.ts';

export function DataSection() {
  const target = useRef<HTMLDivElement>(null);
  const over = useFileDrop(target, openUserFiles);
  return (
    <div ref={target} class={`drop-target ${over ? 'over' : ''}`}>
      <Section
        id="data"
        title="Data"
        lead="A camera looks through a window in the skull at a mouse's cortex, where active areas light up. A generative network has learned to make such images up. What the two do differently is all that a classifier can go by."
      >
        <Gallery />
        <p class="to-game">
          <a href={addressOf('index')}>Guess yourself</a>: ten pictures, against a network that learns beside you.
        </p>
        <div class="grid data-settings">
          <Sources />
          <Segments />
        </div>
      </Section>
    </div>
  );
}
