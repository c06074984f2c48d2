/** The bar above the page: links to the sections, the GPU that computes, the theme. */
import { useState } from 'preact/hooks';
import { machine } from '../client.ts';
import { Button } from '../ui/controls.tsx';

const SECTIONS = [
  ['data', 'Data'],
  ['model', 'Model'],
  ['training', 'Training'],
  ['network', 'Inside the network'],
  ['machine', 'Inside the machine'],
] as const;

export function Header() {
  return (
    <header class="top" id="top">
      <a class="brand" href="#top" aria-label="neurite: to the top of the page">
        neurite
      </a>
      <nav aria-label="Sections">
        {SECTIONS.map(([id, title]) => (
          <a key={id} href={`#${id}`}>
            {title}
          </a>
        ))}
      </nav>
      <MachineChip />
      <ThemeButton />
    </header>
  );
}

/** Which GPU computes, in a few words. */
function MachineChip() {
  const { value } = machine;
  if (value.state === 'asking') return <span class="chip">asking for a GPU…</span>;
  if (value.state === 'missing') return <span class="chip warning">no GPU: look, but no training</span>;
  const name = [value.vendor, value.architecture].filter(Boolean).join(' ') || 'GPU';
  return (
    <a class={`chip ${value.software ? 'warning' : 'good'}`} href="#machine" title={value.description}>
      {value.software ? `${name}: software, slow` : name}
    </a>
  );
}

function ThemeButton() {
  const [theme, setTheme] = useState(document.documentElement.dataset.theme!);
  const other = theme === 'dark' ? 'light' : 'dark';
  const change = () => {
    document.documentElement.dataset.theme = other;
    try {
      localStorage.setItem('theme', other);
    } catch {
      // Storage may be forbidden: the choice holds for this visit.
    }
    setTheme(other);
    dispatchEvent(new Event('themechange')); // canvases draw with colours of the theme
  };
  return (
    <Button kind="quiet" label={`Switch to the ${other} theme`} onClick={change}>
      {theme === 'dark' ? '☀' : '☾'}
    </Button>
  );
}
