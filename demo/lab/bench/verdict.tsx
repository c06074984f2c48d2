/** What the network says of the picture. */
import { formatNumber, formatPercent } from '../../format.ts';
import { Gloss } from '../../ui/gloss.tsx';
import { CLASS_NAMES, type Inspection } from '../protocol/index.ts';
import { fresh } from '../runs/runs.ts';
import { inspection } from '../sections/network/state.ts';
import { data } from '../state/data.ts';

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
