/** Starts the page: the worker, the state, the views. */
import { mount } from '../frame/mount.tsx';
import '../styles/draw.css';
import '../styles/lab.css';
import { attempt, notify } from '../frame/notify.ts';
import { HANDED_OVER } from '../ui/handedOver.ts';
import { App } from './app.tsx';
import { connect, hello, machine } from './client.ts';
import { type Settings, settingsFromLink } from './link.ts';
import { watchRuns } from './runs/events.ts';
import { watchFresh } from './runs/initialize.ts';
import { loadKeptRuns, watchKeptRuns } from './runs/kept.ts';
import { hasToWait } from './runs/runs.ts';
import { watchUnfinished } from './runs/unfinished.ts';
import { simulate } from './state/data.ts';
import { openHandedOver } from './state/handedOver.ts';
import { choosePreset, watchModel } from './state/network.ts';
import { applySettings } from './state/settings.ts';

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
// How many images suit the machine is known once it has answered.
const begin = machine.subscribe(({ state }) => {
  if (state === 'asking') return;
  if (location.hash === HANDED_OVER) openHandedOver();
  else simulate();
  queueMicrotask(() => begin());
});
addEventListener('hashchange', ({ oldURL }) => {
  if (takeLink(oldURL)) simulate();
});

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
