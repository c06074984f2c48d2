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
import { LowerSections } from './sections/lower.tsx';

const SECTIONS = [
  ['bench', 'The network'],
  ['training', 'Training'],
  ['network', 'Inside'],
  ['data', 'Pictures'],
  ['model', 'Your own'],
] as const;

const LOWER = SECTIONS.slice(1).map(([id]) => id);

export function App() {
  const [loaded, setLoaded] = useState(0);
  const here = useSection(loaded);
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
        <LowerSections ids={LOWER} onLoaded={setLoaded} />
        <Foot page="lab" />
      </main>
      <Notices>
        <UnfinishedOffer />
      </Notices>
      <Transport />
    </>
  );
}

/** The section that is looked at: the one in the middle of the screen. @param loaded how much of them is there */
function useSection(loaded: number): string {
  const [here, setHere] = useState('bench');
  useEffect(() => {
    const observer = new IntersectionObserver(
      (entries) => {
        for (const { target, isIntersecting } of entries) if (isIntersecting) setHere(target.id);
      },
      { rootMargin: '-45% 0px -54% 0px' },
    );
    for (const [id] of SECTIONS) {
      const section = document.getElementById(id);
      if (section) observer.observe(section);
    }
    return () => observer.disconnect();
  }, [loaded]);
  return here;
}
