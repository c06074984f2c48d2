import { useRef } from 'preact/hooks';
import '../../../styles/data.css';
import { Section } from '../../../ui/layout.tsx';
import { Gallery } from './gallery.tsx';
import { Guess } from './guess.tsx';
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
        <Guess />
        <div class="grid data-settings">
          <Sources />
          <Segments />
        </div>
      </Section>
    </div>
  );
}
