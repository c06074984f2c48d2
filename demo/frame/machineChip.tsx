/** Which GPU computes, in a few words, for the bar above a page. */
import type { Machine } from '../gpu/machine.ts';
import { addressOf } from './pages.ts';

export function MachineChip({ machine }: { machine: Machine }) {
  if (machine.state === 'asking') return <span class="chip">asking for a GPU…</span>;
  if (machine.state === 'missing') return <span class="chip warning">no GPU</span>;
  const name = [machine.vendor, machine.architecture].filter(Boolean).join(' ') || 'GPU';
  return (
    <a class={`chip ${machine.software ? 'warning' : 'good'}`} href={addressOf('machine')} title={machine.description}>
      {machine.software ? `${name}: software, slow` : name}
    </a>
  );
}
