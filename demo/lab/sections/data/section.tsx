import { useRef } from 'preact/hooks';
import { addressOf } from '../../../frame/pages.ts';
import '../../../styles/data.css';
import { Late } from '../../../ui/late.tsx';
import { Section } from '../../../ui/layout.tsx';
import { More } from '../../../ui/more.tsx';
import { Gallery } from './gallery.tsx';
import { openUserFiles } from './openUserFiles.ts';
import { useFileDrop } from './useFileDrop.ts';

export function DataSection() {
  const target = useRef<HTMLDivElement>(null);
  const over = useFileDrop(target, openUserFiles);
  return (
    <div ref={target} class={`drop-target ${over ? 'over' : ''}`}>
      <Section
        id="data"
        title="Data"
        lead="A camera looks at a mouse's cortex, where active areas light up. A generative network makes such pictures up."
      >
        <Gallery />
        <p class="to-game">
          <a href={addressOf('index')}>Guess yourself</a>: ten pictures, against a network that learns beside you.
        </p>
        <More late class="panel data-more" text="Where the pictures come from, and which days train">
          <Late load={async () => (await import('./dataMore.tsx')).DataMore} properties={{}} />
        </More>
      </Section>
    </div>
  );
}
