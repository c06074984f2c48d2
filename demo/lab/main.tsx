/** Starts the page: the worker, the state, the views. */
import { effect } from '@preact/signals';
import { mount } from '../frame/mount.tsx';
import '../styles/draw.css';
import '../styles/gloss.css';
import '../styles/lab.css';
import { attempt, notify } from '../frame/notify.ts';
import { HANDED_OVER } from '../ui/handedOver.ts';
import { App } from './app.tsx';
import { connect, hello, machine } from './client.ts';
import { type Settings, settingsFromLink } from './link.ts';
import { watchRuns } from './runs/events.ts';
import { nothingToSee, watchFresh } from './runs/initialize.ts';
import { loadKeptRuns, watchKeptRuns } from './runs/kept.ts';
import { hasToWait } from './runs/runs.ts';
import { watchUnfinished } from './runs/unfinished.ts';
import { inspection } from './sections/network/state.ts';
import { simulate } from './state/data.ts';
import { openHandedOver } from './state/handedOver.ts';
import { choosePreset, watchModel } from './state/network.ts';
import { applySettings } from './state/settings.ts';

/** Without a GPU a first look takes two seconds. */
const LOOK_MS = 4000;

mount(<App />);

watchRuns();
loadKeptRuns();
watchKeptRuns();
await attempt(connect);
choosePreset('baseline');
takeLink();
watchModel();
watchFresh();
watchUnfinished();
if (location.hash === HANDED_OVER) openHandedOver();
else simulate(firstLook());
addEventListener('hashchange', ({ oldURL }) => {
  if (takeLink(oldURL)) simulate();
});

/** Settles when the network with its first weights has been looked into, at the latest after a while: it may be out of sight. */
async function firstLook(): Promise<void> {
  await until(() => machine.value.state !== 'asking'); // it decides how many images there will be
  const late = new Promise<void>((resolve) => setTimeout(resolve, LOOK_MS));
  await Promise.race([late, until(() => inspection.value !== undefined || nothingToSee.value !== undefined)]);
}

/** Settles when a condition on signals holds. */
function until(holds: () => boolean): Promise<void> {
  return new Promise((resolve) => {
    const end = effect(() => {
      if (!holds()) return;
      resolve();
      queueMicrotask(() => end());
    });
  });
}

/** Takes over the settings of a link, if it has any. @param oldURL where the page was, and stays while a run is under way */
function takeLink(oldURL?: string): boolean {
  let settings: Settings | undefined;
  try {
    settings = settingsFromLink(location.hash, hello.value!);
  } catch (error) {
    notify('problem', (error as Error).message);
  }
  if (settings && hasToWait('follow a link to other settings')) {
    history.replaceState(null, '', oldURL);
    return false;
  }
  if (settings) applySettings(settings);
  return settings !== undefined;
}
