/** What the network says of the picture, and, once it was tested, what it has learned. */
import { formatNumber, formatPercent } from '../../format.ts';
import { Button } from '../../ui/controls.tsx';
import { Gloss } from '../../ui/gloss.tsx';
import { CLASS_NAMES, type Inspection } from '../protocol/index.ts';
import { beginWith } from '../runs/initialize.ts';
import type { RunRecord } from '../runs/record.ts';
import { fresh } from '../runs/runs.ts';
import { inspection } from '../sections/network/state.ts';
import { data } from '../state/data.ts';
import { preset } from '../state/network.ts';
import { drawnPreset, drawnRun, toldRun } from './drawn.ts';
import { resultText } from './resultText.ts';

export function Verdict() {
  const seen = inspection.value;
  return (
    <section class="verdict" aria-label="The verdict">
      {seen &&
        (seen.logits.every(Number.isFinite) ? <Said seen={seen} /> : <p>Its outputs are no numbers any more.</p>)}
    </section>
  );
}

function Said({ seen: { logits, probabilities, row } }: { seen: Inspection }) {
  const said = probabilities[1]! > 0.5 ? 1 : 0;
  const truth = data.value?.labels[row];
  return (
    <>
      <p>
        {fresh.value ? 'Before training it says' : 'It says'}{' '}
        <span class="either">
          <strong class={`${CLASS_NAMES[said]}-text`}>{CLASS_NAMES[said]}</strong>
          {truth === undefined ? '' : ':'}
        </span>
        {truth !== undefined && (truth === said ? ' right.' : ' wrong.')}
      </p>
      <table>
        <colgroup>
          <col class="verdict-class" />
          <col class="verdict-number" />
          <col />
          <col class="verdict-number" />
        </colgroup>
        <thead class="visually-hidden">
          <tr>
            <th scope="col">class</th>
            <th scope="col">probability</th>
            <th scope="col">bar</th>
            <th scope="col">logit</th>
          </tr>
        </thead>
        <tbody>
          {CLASS_NAMES.map((name, k) => (
            <tr key={name}>
              <th scope="row">{name}</th>
              <td>{formatPercent(probabilities[k]!, 0)}</td>
              <td class="bar">
                <span style={{ width: `${100 * probabilities[k]!}%`, background: `var(--${name})` }} />
              </td>
              <td>
                <Gloss meaning="The logit: the last layer's number. The larger of the two is the verdict.">
                  {signed(logits[k]!)}
                </Gloss>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </>
  );
}

/** A number that is as wide, and begins at the same place, when its sign changes. */
const signed = (value: number) => `${value < 0 ? '−' : '+'}${formatNumber(Math.abs(value), 2)}`;

/** What a network has learned. Where it is not the network that is drawn, the heading names its run. */
export function Result() {
  const run = toldRun.value;
  const result = run && resultText(run);
  if (!run || !result) return null;
  return (
    <section class="result" aria-label="What it has learned" role="status">
      {run !== drawnRun.value && <p class="result-run">The run before, {run.name}:</p>}
      <strong>{result.title}</strong>
      <p>{result.text}</p>
      <div class="row">
        {result.dropped && !isTried(run) && <Button onClick={() => beginWith('improved')}>Try “improved”</Button>}
        <a href="#training">The test in full</a>
      </div>
    </section>
  );
}

/** Whether “improved” is no news: it was trained, or it is chosen or drawn already. */
const isTried = (run: RunRecord) => [run.settings.preset, preset.value, drawnPreset.value].includes('improved');
