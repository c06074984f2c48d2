/** A tensor as cells and as numpy prints it; an index lights up what it takes, in both. */
import { useEffect, useId, useRef, useState } from 'preact/hooks';
import { Figure } from '../../lesson/figure.tsx';
import { Button } from '../../ui/controls.tsx';
import { ScrollBox } from '../../ui/layout.tsx';
import { examplesFor, isWide, panelsOf, readShape, tuple } from './shape.ts';
import './tensor.css';

type Print = typeof import('./print.ts');

export function TensorFigure() {
  const [shapeText, setShapeText] = useState('2, 3, 4');
  const [index, setIndex] = useState(':, :, 0');
  const [shape, setShape] = useState<readonly number[]>([2, 3, 4]);
  const [print, setPrint] = useState<Print>();
  useEffect(() => {
    import('./print.ts').then(setPrint, reportError);
  }, []);
  const read = readShape(shapeText);
  const before = useRef(shape);
  const type = (text: string) => {
    setShapeText(text);
    const next = readShape(text);
    // Of a text that is refused its first digits are no shape that anybody wanted: the one from before comes back.
    setShape(typeof next === 'string' ? before.current : next);
  };
  const result = print?.printed(shape, index);
  const picked = result?.picked ?? new Set<number>();
  return (
    <Figure
      id="tensor"
      title="A tensor is an array with more than two indices"
      text="Type a shape, and an index as in numpy. What the index takes lights up, in the cells and in the print."
    >
      <div class="tensor-fields">
        <CodeField
          label="Shape"
          before={`x = np.arange(${shape.reduce((size, n) => size * n, 1)}).reshape(`}
          after=")"
          value={shapeText}
          onSettle={(text) => {
            const read = readShape(text);
            if (typeof read !== 'string') before.current = read;
          }}
          onInput={type}
          invalid={typeof read === 'string'}
        />
        <CodeField
          label="Index"
          before="x["
          after="]"
          value={index}
          onInput={setIndex}
          invalid={result?.problem !== undefined}
        />
        <div class="chips tensor-picks">
          {examplesFor(shape.length).map((example) => (
            <Button key={example} pressed={example === index} onClick={() => setIndex(example)}>
              x[{example}]
            </Button>
          ))}
        </div>
      </div>
      <p class="tensor-problem" role="status">
        {typeof read === 'string' ? `${read} Below is (${tuple(shape)}).` : result?.problem}
      </p>
      <div class={`tensor ${isWide(shape) ? 'wide' : ''}`}>
        <div class="panels">
          {panelsOf(shape).map(({ name, columns, places }) => (
            <div key={name} class="matrix">
              <code class="matrix-name">{name}</code>
              <ScrollBox label={`The cells of ${name}`}>
                <div class="number-grid" style={{ gridTemplateColumns: `repeat(${columns}, var(--cell))` }}>
                  {places.map((place) => (
                    <span key={place} class={`cell ${picked.has(place) ? 'lit' : ''}`}>
                      {place}
                    </span>
                  ))}
                </div>
              </ScrollBox>
            </div>
          ))}
        </div>
        <div class="matrix">
          <code class="matrix-name">print(x)</code>
          <pre class="print">{result && litText(result.whole, picked)}</pre>
        </div>
        <div class="matrix">
          <code class="matrix-name">print(x[{index}])</code>
          <pre class="print" data-print>
            {result?.part}
          </pre>
          <span class="part-shape">
            {result?.shape && (result.shape.length > 0 ? `shape (${tuple(result.shape)})` : 'one number, without axes')}
          </span>
        </div>
      </div>
    </Figure>
  );
}

/** The numbers of a print come in row-major order. */
function litText(text: string, picked: ReadonlySet<number>) {
  let place = 0;
  return text.split(/(\d+)/).map((piece, i) => {
    if (!/^\d+$/.test(piece)) return piece;
    return picked.has(place++) ? <mark key={`${i}`}>{piece}</mark> : piece;
  });
}

/** A field within a line of code. */
function CodeField(props: {
  label: string;
  before: string;
  after: string;
  value: string;
  invalid: boolean;
  /** Typing begins, or is over. */
  onSettle?: (text: string) => void;
  onInput: (text: string) => void;
}) {
  const id = useId();
  return (
    <span class="code-field">
      <code aria-hidden="true">{props.before}</code>
      <input
        id={id}
        type="text"
        aria-label={props.label}
        autocomplete="off"
        spellcheck={false}
        size={10}
        value={props.value}
        aria-invalid={props.invalid}
        onFocus={(event) => props.onSettle?.(event.currentTarget.value)}
        onChange={(event) => props.onSettle?.(event.currentTarget.value)}
        onInput={(event) => props.onInput(event.currentTarget.value)}
      />
      <code aria-hidden="true">{props.after}</code>
    </span>
  );
}
