/** Runs, and the model that there is: to train it further, to save it, to open another one. */
import { useState } from 'preact/hooks';
import { Button } from '../../../ui/controls.tsx';
import { Late } from '../../../ui/late.tsx';
import { Panel } from '../../../ui/layout.tsx';
import { settingsLink } from '../../link.ts';
import { start } from '../../runs/actions.ts';
import { download } from '../../runs/download.ts';
import { openModel } from '../../runs/openModel.ts';
import { currentModel, dataObstacle, running, runs, testing } from '../../runs/runs.ts';
import { currentSettings } from '../../state/settings.ts';

/** All runs side by side, and what can be done with their models. */
export function Runs() {
  const [link, setLink] = useState<string>();
  return (
    <Panel title="Runs" class="runs" note="A run is forgotten when the page is closed, unless you keep it.">
      <ModelButtons onLink={setLink} />
      {runs.value.length > 0 && (
        <Late load={async () => (await import('./runTable.tsx')).RunTable} properties={{ onLink: setLink }} />
      )}
      {link !== undefined && (
        <Late
          load={async () => (await import('./linkDialog.tsx')).LinkDialog}
          properties={{ link, onClose: () => setLink(undefined) }}
        />
      )}
    </Panel>
  );
}

const NO_MODEL = ['No network is trained yet.', 'No network is loaded: press Load at one of the runs.'];

function ModelButtons({ onLink }: { onLink: (link: string) => void }) {
  const model = currentModel.value;
  const idle = !running.value;
  const file = runs.value.find(({ id }) => id === model?.run)?.model;
  return (
    <div class="row">
      <Button
        disabled={!model || !idle || testing.value || dataObstacle.value !== undefined}
        onClick={() => start({ goOn: true })}
      >
        Train on
      </Button>
      <Button disabled={!file || !idle} onClick={() => download(file!, model!.name)}>
        Download model
      </Button>
      <label class={`button file ${idle ? '' : 'disabled'}`}>
        Open model file
        <input
          type="file"
          accept=".safetensors"
          disabled={!idle}
          onChange={({ currentTarget }) => {
            const [chosen] = currentTarget.files ?? [];
            if (chosen) openModel(chosen);
            currentTarget.value = ''; // the same file may be chosen again
          }}
        />
      </label>
      <Button onClick={() => onLink(settingsLink(currentSettings(), location.href))}>Share settings</Button>
      <span class="note">
        {model ? `In the network now: ${model.name}` : NO_MODEL[runs.value.some(({ model }) => model) ? 1 : 0]}
      </span>
    </div>
  );
}
