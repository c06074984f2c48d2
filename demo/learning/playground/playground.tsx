/** A network that learns points of a square while one watches, and everything about it that can be changed. */

import { diverging } from 'neurite/vis';
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { formatCount } from '../../format.ts';
import { Figure } from '../../lesson/figure.tsx';
import { networkLoss } from '../../lesson/reference/network.ts';
import { Verified } from '../../lesson/verified.tsx';
import { Button, CheckField } from '../../ui/controls.tsx';
import { useVisible } from '../../ui/visible.ts';
import { UnitFormula } from './formula.tsx';
import { LossChart, type Losses, withLosses } from './lossChart.tsx';
import { NetworkView, type Place } from './networkView.tsx';
import { DecayNote, SettingsView, TaskChoice } from './settingsView.tsx';
import { FIRST_SETTINGS, type Settings, type Setup, setupOf } from './setup.ts';
import { outputMap, rangeOfUnit, SurfaceView } from './surfaceView.tsx';
import { type Look, lookOf } from './trainer.ts';
import { Training } from './training.ts';

/** What is seen: a training at one moment. */
interface Scene {
  readonly setup: Setup;
  readonly look: Look;
  readonly by: 'gpu' | 'hand';
}

const sceneOf = (setup: Setup): Scene => ({ setup, look: lookOf(setup, setup.network, setup.step), by: 'hand' });

export function Playground() {
  const [settings, setSettings] = useState(FIRST_SETTINGS);
  const [setup, setSetup] = useState(() => setupOf(FIRST_SETTINGS));
  const [scene, setScene] = useState(() => sceneOf(setup));
  const [curve, setCurve] = useState<readonly Losses[]>([]);
  const [wanted, setWanted] = useState(true);
  const [place, setPlace] = useState<Place>();
  const [tests, setTests] = useState(false);
  const training = useRef<Training | undefined>(undefined);
  const { element, visible } = useVisible<HTMLDivElement>();
  const running = wanted && visible;

  useEffect(() => {
    const own = new Training(setup, {
      onLook(look, by) {
        setScene({ setup, look, by });
        setCurve((curve) => withLosses(curve, { step: look.step, train: look.trainLoss, test: look.testLoss }));
      },
      onPause: () => setWanted(false),
    });
    own.running = running;
    training.current = own;
    return () => own.end();
  }, [setup]);
  useEffect(() => {
    if (training.current) training.current.running = running;
  }, [running]);

  const begin = (next: Setup) => {
    setSetup(next);
    setScene(sceneOf(next));
    if (next.step === 0) setCurve([]);
  };
  const change = (changes: Partial<Settings>) => {
    const next = { ...settings, ...changes };
    setSettings(next);
    if ('rate' in changes) training.current!.setRate(next.rate);
    else if ('decay' in changes) begin({ ...training.current!.now, settings: next });
    else begin(setupOf(next));
    if ('hidden' in changes) setPlace(undefined);
  };
  const restart = () => change({ seed: settings.seed + 1 });

  const { look, by } = scene;
  const { network, maps } = look;
  const selected = place ?? { layer: network.length - 1, unit: 0 };
  const isOutput = selected.layer === network.length - 1;
  const units = network[selected.layer]!.b.data.length;
  const shown = useMemo(
    () =>
      isOutput
        ? outputMap(maps.at(-1)!, settings.task)
        : {
            values: maps[selected.layer]!,
            colors: diverging,
            range: rangeOfUnit(maps[selected.layer]!, units, selected.unit, settings.activation),
          },
    [look, selected.layer, selected.unit],
  );
  const { train, test, loss } = scene.setup;
  const byHand = useMemo(
    () => ({
      train: networkLoss(network, loss, train.x, train.y),
      test: networkLoss(network, loss, test.x, test.y),
    }),
    [look],
  );
  const gpu = by === 'gpu' ? look : undefined;
  return (
    <Figure
      id="playground"
      title="A network learns while you watch"
      text="Each square is what one unit makes of the plane; the last is the network's answer. Press a unit to see it large."
    >
      <div class="playground" ref={element}>
        <div class="playground-bar">
          <div class="row transport">
            <Button kind="main" onClick={() => setWanted(!wanted)}>
              {wanted ? 'Pause' : 'Train'}
            </Button>
            <Button
              onClick={() => {
                setWanted(false);
                training.current!.running = false;
                training.current!.step();
              }}
            >
              Step
            </Button>
            <Button onClick={restart}>Restart</Button>
          </div>
          <SettingsView settings={settings} onChange={change} />
        </div>
        <TaskChoice task={settings.task} onChange={(task) => change({ task })} />
        <NetworkView
          settings={scene.setup.settings}
          network={network}
          maps={maps}
          selected={selected}
          onSelect={setPlace}
          onChange={change}
        />
        <SurfaceView
          label={isOutput ? "The network's answer over the plane" : 'What the chosen unit makes of the plane'}
          values={shown.values}
          units={isOutput ? 1 : units}
          unit={isOutput ? 0 : selected.unit}
          colors={shown.colors}
          range={shown.range}
          points={train.points}
          testPoints={tests ? test.points : []}
          task={settings.task}
        />
        <div class="output-part">
          <span class="step-count">
            step <strong>{formatCount(look.step)}</strong>
          </span>
          <LossChart curve={curve} />
          <p class="losses">
            <span class="loss-name train">training loss</span>
            <Verified name="training loss" value={gpu?.trainLoss} reference={byHand.train} />
            <span class="loss-name test">test loss</span>
            <Verified name="test loss" value={gpu?.testLoss} reference={byHand.test} />
          </p>
          <CheckField label="Test points, as rings" checked={tests} onChange={setTests} />
        </div>
        <UnitFormula settings={scene.setup.settings} network={network} selected={selected} />
        {settings.decay > 0 && <DecayNote {...settings} />}
      </div>
    </Figure>
  );
}
