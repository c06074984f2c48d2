import { formatCount } from '../../format.ts';
import { countFormula, countOf } from './countFormula.ts';

/** How many parameters a layer has; pointed at or focused it shows how they are counted. */
export function Count({ layer }: { layer: Parameters<typeof countFormula>[0] }) {
  const formula = countFormula(layer);
  if (!formula) return null;
  const number = formatCount(countOf(layer));
  return (
    <button type="button" class="count" aria-label={`${number} parameters: ${formula}`}>
      {number}
      <span class="count-unit"> parameters</span>
      <span class="count-formula" aria-hidden="true">
        {formula}
      </span>
    </button>
  );
}
