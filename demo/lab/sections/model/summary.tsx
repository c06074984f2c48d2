import { formatCount } from '../../../format.ts';
import { Panel, ScrollBox } from '../../../ui/layout.tsx';
import { info } from '../../state/network.ts';

/** Keras' table. */
export function Summary() {
  const described = info.value;
  const rows = described?.layers ?? [];
  const { parameters = 0, trainable = 0 } = described ?? {};
  return (
    <Panel title="Summary">
      <ScrollBox label="Summary of the network">
        <table>
          <thead>
            <tr>
              <th scope="col">layer (type)</th>
              <th scope="col">output shape</th>
              <th scope="col" class="number">
                parameters
              </th>
            </tr>
          </thead>
          <tbody>
            {rows.map(({ name, className, outputShape, parameters }) => (
              <tr key={name}>
                <td>
                  {name} ({className})
                </td>
                <td>(None, {outputShape.join(', ')})</td>
                <td class="number">{formatCount(parameters)}</td>
              </tr>
            ))}
          </tbody>
          <tfoot>
            <tr>
              <th scope="row" colSpan={2}>
                all parameters
              </th>
              <td class="number">
                <strong>{formatCount(parameters)}</strong>
              </td>
            </tr>
            <tr>
              <th scope="row" colSpan={2}>
                trainable
              </th>
              <td class="number">{formatCount(trainable)}</td>
            </tr>
          </tfoot>
        </table>
      </ScrollBox>
    </Panel>
  );
}
