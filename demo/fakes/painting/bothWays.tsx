import { Verified } from '../../lesson/verified.tsx';
import { MAP_SIZE, type Painted } from './painting.ts';

/** Why it is called transposed: the identity of a matrix and its transpose, with numbers. */
export function BothWays(props: {
  products: Painted['products'];
  computed: Painted['products'] | undefined;
  size: number;
}) {
  const { products, computed, size } = props;
  return (
    <div class="both-ways">
      <h3>Why “transposed”</h3>
      <p>
        With the same kernel and stride a convolution gathers any {size} × {size} picture p into {MAP_SIZE} × {MAP_SIZE}{' '}
        numbers. As for a matrix and its transpose, two inner products are the same number:
      </p>
      <p class="identity">
        <span>
          ⟨conv(p), x⟩ ={' '}
          <Verified name="<conv(p), x>" value={computed?.gathered} reference={products.gathered} digits={0} />
        </span>
        <span>
          ⟨p, convᵀ(x)⟩ ={' '}
          <Verified name="<p, convT(x)>" value={computed?.painted} reference={products.painted} digits={0} />
        </span>
      </p>
    </div>
  );
}
