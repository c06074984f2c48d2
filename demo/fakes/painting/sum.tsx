import type { TransposeTerm } from '../../lesson/reference/conv2dTranspose.ts';
import { type Example, MAP_SIZE } from './painting.ts';
import { factor, place, signed } from './text.ts';

/** A pixel as the sum that it is, or what one number of the map paints. */
export function Sum(props: {
  example: Example;
  terms: readonly TransposeTerm[];
  pixel: number;
  /** The number of the map whose stamp is shown; undefined: the pixel is. */
  stamp: number | undefined;
  size: number;
  value: number;
}) {
  const { example, terms, pixel, stamp, size, value } = props;
  if (stamp !== undefined) {
    const { kernel, stride, map } = example;
    const corner = Math.floor(stamp / MAP_SIZE) * stride * size + (stamp % MAP_SIZE) * stride;
    return (
      <p class="sum">
        x{place(stamp, MAP_SIZE)} = {signed(map[stamp]!)} stamps <span class="term">{factor(map[stamp]!)} · K</span>{' '}
        onto {kernel} × {kernel} pixels, from y{place(corner, size)} on.
      </p>
    );
  }
  return (
    <p class="sum">
      y{place(pixel, size)} ={' '}
      {terms.map(({ row, column, x, w }, i) => (
        <span key={`${row} ${column}`}>
          {i > 0 && '+ '}
          <span class="term">
            {i === 0 ? signed(x) : factor(x)} · {factor(w)}
          </span>{' '}
        </span>
      ))}
      {terms.length > 0 && '= '}
      {signed(value)}
      {terms.length === 0 && ': no stamp reaches it.'}
    </p>
  );
}
