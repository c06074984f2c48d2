import '../../../styles/model.css';
import { useEffect, useState } from 'preact/hooks';
import { Button } from '../../../ui/controls.tsx';
import { Section } from '../../../ui/layout.tsx';
import { info } from '../../state/network.ts';
import type { Editor } from './editor.tsx';

/** The editor's code comes when it is wanted, or when a network does not fit. */
export function ModelSection() {
  const [loaded, load] = useState<{ readonly Editor: typeof Editor }>();
  const [wanted, want] = useState(false);
  const needed = wanted || info.value?.problem !== undefined;
  useEffect(() => {
    if (needed && !loaded) import('./editor.tsx').then(load, reportError);
  }, [needed]);
  return (
    <Section
      id="model"
      title="Your own network"
      lead="Which layers there are is yours to choose; their numbers are learned."
    >
      {loaded ? <loaded.Editor /> : <Button onClick={() => want(true)}>Edit the layers</Button>}
    </Section>
  );
}
