import { formatNumber, formatPercent } from '../../../format.ts';
import { Empty } from '../../../ui/layout.tsx';
import { CLASS_NAMES, type Inspection } from '../../protocol/index.ts';
import { data } from '../../state/data.ts';

/** Logits, probabilities, and whether the network is right. */
export function Verdict({ seen }: { seen: Inspection }) {
  const { logits, probabilities, row } = seen;
  const said = probabilities[1]! > 0.5 ? 1 : 0;
  const truth = data.value?.labels[row];
  if (!logits.every(Number.isFinite)) {
    return <Empty>Its logits are no numbers any more. Start anew with a smaller learning rate.</Empty>;
  }
  return (
    <div class="verdict">
      <p>
        The network says <strong class={`${CLASS_NAMES[said]}-text`}>{CLASS_NAMES[said]}</strong>,{' '}
        {formatPercent(probabilities[said]!)} sure
        {truth !== undefined && (
          <>
            : <strong>{truth === said ? 'right' : 'wrong'}</strong>, the picture is {CLASS_NAMES[truth]}
          </>
        )}
        .
      </p>
      <table>
        <thead>
          <tr>
            <th scope="col">class</th>
            <th scope="col" class="number">
              logit
            </th>
            <th scope="col" class="number">
              probability
            </th>
            <td />
          </tr>
        </thead>
        <tbody>
          {CLASS_NAMES.map((name, k) => (
            <tr key={name}>
              <th scope="row">{name}</th>
              <td class="number">{formatNumber(logits[k]!, 3)}</td>
              <td class="number">{formatPercent(probabilities[k]!)}</td>
              <td class="bar">
                <span style={{ width: `${100 * probabilities[k]!}%`, background: `var(--${name})` }} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      <p class="note">
        Logits are the last layer's numbers. The softmax makes probabilities of them: each is e to the power of its
        logit, divided by their sum.
      </p>
    </div>
  );
}
