/** The first screen: a network with one picture in it, what it says, and what it has learned. */
import '../../styles/lesson.css';
import '../../styles/bench.css';
import { useEffect } from 'preact/hooks';
import { Late } from '../../ui/late.tsx';
import { useVisible } from '../../ui/visible.ts';
import { nothingToSee } from '../runs/initialize.ts';
import { MapStrip } from '../sections/network/mapStrip.tsx';
import { inspection, watching } from '../sections/network/state.ts';
import { toldRun } from './drawn.ts';
import { Net } from './net.tsx';
import { PictureChoice } from './picture.tsx';
import { Presets } from './presets.tsx';
import { openedUnit } from './state.ts';
import { OpenedUnit } from './unit.tsx';
import { Verdict } from './verdict.tsx';

export function Bench() {
  const { element, visible } = useVisible<HTMLDivElement>();
  useEffect(() => {
    watching.value = { ...watching.peek(), bench: visible };
  }, [visible]);
  const why = inspection.value ? undefined : nothingToSee.value;
  const layer = openedUnit.value?.layer;
  return (
    <section id="bench" ref={element} class="bench panel" aria-label="The network at work">
      <div class="row bench-top">
        <Presets />
        <PictureChoice />
      </div>
      <div class="bench-net">
        <Net />
        <div class="bench-end">
          <Verdict />
          {toldRun.value && <Late load={async () => (await import('./result.tsx')).Result} properties={{}} />}
        </div>
      </div>
      <div class="bench-open">
        {why ? <p class="note">{why}</p> : <OpenedUnit />}
        {layer ? <MapStrip layer={layer} /> : <div />}
      </div>
    </section>
  );
}
