/** Matrices of formulas, in brackets. */
import type { Array64 } from '../../lesson/reference/array64.ts';
import type { Part } from './presses.ts';
import { short } from './presses.ts';

export function Matrix({ matrix, name }: { matrix: Array64; name?: string }) {
  const columns = matrix.shape[1]!;
  return (
    <span class="bracketed matrix" role="img" aria-label={`${name ?? 'matrix'}: ${textOf(matrix)}`}>
      <span class="matrix-cells" style={{ gridTemplateColumns: `repeat(${columns}, auto)` }} aria-hidden="true">
        {Array.from(matrix.data, (value, i) => (
          <span key={`${i}`}>{short(value)}</span>
        ))}
      </span>
    </span>
  );
}

/** Rows with semicolons between them. */
function textOf({ data, shape }: Array64): string {
  const columns = shape[1]!;
  const rows = Array.from({ length: shape[0]! }, (_, row) => data.slice(row * columns, (row + 1) * columns));
  return rows.map((row) => Array.from(row, short).join(', ')).join('; ');
}

export function Parts({ parts }: { parts: readonly Part[] }) {
  return (
    <>
      {parts.map((part, i) =>
        typeof part === 'string' ? <span key={`${i}`}>{part}</span> : <Matrix key={`${i}`} matrix={part} />,
      )}
    </>
  );
}
