import { useEffect, useState } from 'preact/hooks';
import { Foot } from '../frame/foot.tsx';
import { Header } from '../frame/header.tsx';
import { MachineChip } from '../frame/machineChip.tsx';
import { NoGpu } from '../frame/noGpu.tsx';
import { Notices } from '../frame/notices.tsx';
import { Bench } from './bench/bench.tsx';
import { machine } from './client.ts';
import { Transport } from './frame/transport.tsx';
import { UnfinishedOffer } from './frame/unfinishedOffer.tsx';
import type { Sections as SectionsView } from './sections/index.tsx';

const SECTIONS = [
  ['bench', 'The network'],
  ['training', 'Training'],
  ['network', 'Inside'],
  ['data', 'Pictures'],
  ['model', 'Your own'],
] as const;

export function App() {
  const [loaded, load] = useState<{ readonly Sections: typeof SectionsView }>();
  useEffect(() => {
    import('./sections/index.tsx').then(load, reportError);
  }, []);
  const here = useSection(loaded !== undefined);
  return (
    <>
      <Header page="lab">
        <MachineChip machine={machine.value} />
        <nav class="sections" aria-label="Sections">
          {SECTIONS.map(([id, title]) => (
            <a key={id} href={`#${id}`} aria-current={id === here ? 'location' : undefined}>
              {title}
            </a>
          ))}
        </nav>
      </Header>
      <main class="page">
        <header class="intro lab-intro">
          <h1>The brain lab</h1>
          <p>A network learns to tell recordings of a mouse's brain from fakes: here, on your own GPU.</p>
        </header>
        <NoGpu machine={machine.value}>You can still look at the pictures, and build a network.</NoGpu>
        <Bench />
        {loaded ? <loaded.Sections /> : <div class="sections-to-come" />}
        <Foot page="lab" />
      </main>
      <Notices>
        <UnfinishedOffer />
      </Notices>
      <Transport />
    </>
  );
}

/** The section that is looked at: the one in the middle of the screen. @param there whether all of them are */
function useSection(there: boolean): string {
  const [here, setHere] = useState('bench');
  useEffect(() => {
    if (!there) return;
    const { hash } = location;
    if (SECTIONS.some(([id]) => hash === `#${id}`)) document.querySelector(hash)?.scrollIntoView();
    const observer = new IntersectionObserver(
      (entries) => {
        for (const { target, isIntersecting } of entries) if (isIntersecting) setHere(target.id);
      },
      { rootMargin: '-45% 0px -54% 0px' },
    );
    for (const [id] of SECTIONS) observer.observe(document.getElementById(id)!);
    return () => observer.disconnect();
  }, [there]);
  return here;
}
