/**
 * What stands below the first screen. Its code is loaded when a visitor comes near it, a part at a time; all of it where a link
 * leads to one of its sections, or a file is dragged over the page.
 */
import type { ComponentType } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { holdsFiles } from './data/holdsFiles.ts';

const PARTS: readonly (() => Promise<ComponentType>)[] = [
  async () => (await import('./training/section.tsx')).TrainingSection,
  async () => (await import('./index.tsx')).FurtherSections,
];

/** At the foot of the window, under the bar of the controls, nothing is seen yet. In pixels. */
const BAR = 64;

/** @param ids of the sections @param onLoaded called with the number of parts that are there, once they are drawn */
export function LowerSections({ ids, onLoaded }: { ids: readonly string[]; onLoaded: (parts: number) => void }) {
  const [parts, setParts] = useState<readonly ComponentType[]>([]);
  const [wanted, want] = useState(0);
  const rest = useRef<HTMLDivElement>(null);
  /** The section that a link leads to, until it is there. */
  const goal = useRef<string>(undefined);

  useEffect(() => {
    if (wanted <= parts.length) return;
    Promise.all(PARTS.slice(0, wanted).map((load) => load())).then(
      (loaded) => setParts((there) => (loaded.length > there.length ? loaded : there)),
      reportError,
    );
  }, [wanted]);

  useEffect(() => {
    onLoaded(parts.length);
    if (!rest.current) return;
    const near = new IntersectionObserver(
      ([entry]) => {
        if (entry!.isIntersecting) want(parts.length + 1);
      },
      { rootMargin: `0px 0px -${BAR}px` },
    );
    near.observe(rest.current);
    return () => near.disconnect();
  }, [parts]);

  const whole = parts.length === PARTS.length;
  useEffect(() => {
    if (whole) {
      if (goal.current) document.getElementById(goal.current)!.scrollIntoView();
      return;
    }
    const listening = new AbortController();
    const { signal } = listening;
    const follow = () => {
      const id = location.hash.slice(1);
      if (!ids.includes(id)) return;
      goal.current = id;
      want(PARTS.length);
    };
    follow();
    addEventListener('hashchange', follow, { signal });
    // Without an answer the browser would open a file that is dropped, instead of the page.
    const take = (event: DragEvent) => {
      if (!holdsFiles(event)) return;
      event.preventDefault();
      want(PARTS.length);
    };
    for (const type of ['dragenter', 'dragover', 'drop'] as const) addEventListener(type, take, { signal });
    return () => listening.abort();
  }, [whole]);

  return (
    <>
      {parts.map((Part, k) => (
        <Part key={k} />
      ))}
      {!whole && <div ref={rest} class="sections-to-come" />}
    </>
  );
}
