/** Starts the page: the worker, the state, the views. */
import { render } from 'preact';
import './styles/base.css';
import './styles/controls.css';
import { App } from './app.tsx';
import { type Settings, settingsFromLink } from './link.ts';
import { watchSchedule } from './machine/schedule.ts';
import { watchCutOff } from './state/cutOff.ts';
import { simulate } from './state/data.ts';
import { loadKeptRuns, watchKeptRuns } from './state/keep.ts';
import { attempt, connect, hello, machine, notify } from './state/lab.ts';
import { choosePreset, watchModel } from './state/model.ts';
import { watchRuns } from './state/runEvents.ts';
import { hasToWait } from './state/runs.ts';
import { applySettings } from './state/settings.ts';

const root = document.getElementById('app')!;
root.replaceChildren();
render(<App />, root);

watchRuns();
loadKeptRuns();
watchKeptRuns();
await attempt(connect);
choosePreset('baseline');
takeLink();
watchModel();
watchSchedule();
watchCutOff();
// How many images suit the machine is known once it has answered.
const begin = machine.subscribe(({ state }) => {
  if (state === 'asking') return;
  simulate();
  queueMicrotask(() => begin());
});
addEventListener('hashchange', ({ oldURL }) => {
  if (takeLink(oldURL)) simulate();
});

/** Takes over the settings of a link, if it has any. @param oldURL where the page was, and stays while a run is under way */
function takeLink(oldURL?: string): boolean {
  let settings: Settings | undefined;
  try {
    settings = settingsFromLink(location.hash, hello.value!.presets);
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
