/** The same measure for the network that learns brain pictures: `npm run train` with its defaults has measured it. */
import { formatCount, formatNumber, formatPercent } from '../format.ts';
import { addressOf } from '../frame/pages.ts';
import { Figure } from '../lesson/figure.tsx';
import brain from './brain.json';

/** Biases begin at 0, so that their movement has nothing to be compared with. */
const rows = brain.movement.filter(({ start }) => start > 0);
const NAMES: Readonly<Record<string, string>> = {
  'conv2d/kernel': 'kernels of the convolution',
  'dense/kernel': 'weights of the dense layer',
};
const [kernels, dense] = rows.map(({ start, moved }) => moved / start) as [number, number];

export function BrainView() {
  const { epochs } = brain.options;
  return (
    <Figure
      id="brain-network"
      title="And the brain network?"
      text={
        <>
          Its kernels moved by {formatPercent(kernels, 0)} of their size, the weights of its dense layer by{' '}
          {formatPercent(dense, 0)}: it is far from the wide limit. <a href={addressOf('lab')}>Train it in the lab</a>.
        </>
      }
    >
      <div class="brain-rows">
        <table class="brain-table">
          <thead>
            <tr>
              <th scope="col">weights</th>
              <th scope="col" class="number">
                how many
              </th>
              <th scope="col" class="number">
                size at first
              </th>
              <th scope="col" class="number">
                moved by
              </th>
              <th scope="col">moved / size</th>
            </tr>
          </thead>
          <tbody>
            {rows.map(({ name, shape, start, moved }) => (
              <tr key={name}>
                <th scope="row">{NAMES[name] ?? name}</th>
                <td class="number">{formatCount(shape.reduce((count, n) => count * n, 1))}</td>
                <td class="number">{formatNumber(start, 3)}</td>
                <td class="number">{formatNumber(moved, 3)}</td>
                <td>
                  <span class="share" style={{ width: `${(50 * moved) / start / Math.max(kernels, dense)}%` }} />{' '}
                  {formatPercent(moved / start, 0)}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <p class="honest">Root mean squares over {epochs} epochs of Adam. Biases are left out: they begin at 0.</p>
      <details class="honest">
        <summary>How it was measured</summary>
        By <code>npm run train -- --model {brain.options.model}</code>, a command of this project.
      </details>
    </Figure>
  );
}
