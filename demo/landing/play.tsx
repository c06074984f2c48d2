/** The game: one large picture, two answers, and the pictures so far with what you and the network said. */

import { paint, rainbow } from 'neurite/vis';
import { useEffect, useLayoutEffect, useRef } from 'preact/hooks';
import { Picture } from '../draw/picture.tsx';
import { Button } from '../ui/controls.tsx';
import { answer, deal, isOver, labelsOf, pictureShown, type Round, round, verdictsOf } from './game.ts';
import { sayResult } from './result.ts';
import { type Card, ROUND, scoreOf, verdictOf } from './round.ts';

const SIZE = 128;
const NAMES = ['real', 'fake'] as const;
/** Answers by the keys that give them. */
const KEYS: Readonly<Record<string, number>> = { r: 0, f: 1, ArrowLeft: 0, ArrowRight: 1 };

export function Play() {
  const now = round.value;
  const game = useRef<HTMLElement>(null);
  const over = now !== undefined && isOver(now);
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      // A key that is held answers once, on a button too.
      if (event.repeat && event.key === 'Enter' && game.current!.contains(document.activeElement))
        event.preventDefault();
      const label = KEYS[event.key.length === 1 ? event.key.toLowerCase() : event.key];
      const { activeElement: focus } = document;
      const here = focus === document.body || focus === null || game.current!.contains(focus);
      if (label === undefined || !here || event.ctrlKey || event.metaKey || event.altKey) return;
      if (!round.value || isOver(round.value)) return;
      event.preventDefault();
      if (!event.repeat) answer(label);
    };
    addEventListener('keydown', press);
    return () => removeEventListener('keydown', press);
  }, []);
  useEffect(() => {
    // The buttons that had the focus have gone: keys and screen readers continue from the game.
    if (over && document.activeElement === document.body) game.current!.focus({ preventScroll: true });
  }, [over]);
  return (
    <section class="landing-game panel" ref={game} tabIndex={-1} aria-label="The game">
      <div class="landing-stage">
        {over ? <Result round={now} /> : <BigPicture round={now} />}
        <div class="landing-side">
          <p class="landing-count">
            {over ? 'The round is over' : `Picture ${(now?.answers.length ?? 0) + 1} of ${ROUND}`}
          </p>
          <Answers round={now} />
          <Feedback round={now} />
        </div>
      </div>
      <Board round={now} />
    </section>
  );
}

function BigPicture({ round }: { round: Round | undefined }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const pixels = round?.cards[round.answers.length]?.pixels;
  useLayoutEffect(() => {
    if (!pixels) return;
    paint(canvas.current!, pixels, { width: SIZE, height: SIZE }, rainbow, { low: 0, high: 1 });
    // The frame after the next one comes when the picture is on the screen.
    let frame = requestAnimationFrame(() => {
      frame = requestAnimationFrame(pictureShown);
    });
    return () => cancelAnimationFrame(frame);
  }, [pixels]);
  const label = `Picture ${(round?.answers.length ?? 0) + 1}: real or fake?`;
  return (
    <div class="landing-picture">
      <canvas ref={canvas} class="picture" data-live width={SIZE} height={SIZE} role="img" aria-label={label} />
    </div>
  );
}

function Answers({ round }: { round: Round | undefined }) {
  if (round && isOver(round)) {
    return (
      <div class="landing-buttons">
        <Button kind="main" onClick={() => deal().catch(reportError)}>
          Another round
        </Button>
      </div>
    );
  }
  return (
    <div class="landing-buttons">
      {NAMES.map((name, label) => (
        <Button key={name} disabled={!round} onClick={() => answer(label)}>
          <span class={`${name}-text`}>{name === 'real' ? 'Real' : 'Fake'}</span>{' '}
          <span class="key" aria-hidden="true">
            {name === 'real' ? 'R' : 'F'}
          </span>
        </Button>
      ))}
    </div>
  );
}

/** What the last picture was, at once; then what the network said of it: beside the game it learns on. */
function Feedback({ round }: { round: Round | undefined }) {
  const place = (round?.answers.length ?? 0) - 1;
  if (!round || place < 0) {
    return (
      <p class="landing-feedback" role="status">
        Press Real or Fake<span class="landing-keys">, or the keys R and F</span>.
      </p>
    );
  }
  const truth = round.cards[place]!.label;
  const right = round.answers[place] === truth;
  const fake = round.network[place];
  return (
    <p class="landing-feedback" role="status">
      <strong class={right ? 'right' : 'wrong'}>
        {right ? '✓ Right' : '✗ Wrong'}: picture {place + 1} is {NAMES[truth]}.
      </strong>{' '}
      {fake !== undefined && `Right after you, the network said ${NAMES[verdictOf(fake)]}, ${sure(fake)} sure.`}
    </p>
  );
}

/** Of the verdict; a hundred percent is never reached. */
const sure = (fake: number) => `${Math.min(99, Math.round(100 * Math.max(fake, 1 - fake)))} %`;

function Result({ round }: { round: Round }) {
  const [first, ...others] = sayResult({
    labels: labelsOf(round),
    you: round.answers,
    network: verdictsOf(round.network),
    later: round.later && (verdictsOf(round.later) as number[]),
  });
  return (
    <div class="landing-picture landing-result">
      <div role="status">
        <p class="landing-winner">{first}</p>
        <p>{others.join(' ')}</p>
      </div>
      <details>
        <summary>What gives a fake away?</summary>
        <p>
          Its fine grain repeats, more or less, every 32 pixels: that is what the network looks for. A recording's
          corners lie outside of the window in the skull, and are of one colour, with a sharp edge; in a fake a corner
          may have a soft edge, or be missing: an eye finds that sooner.
        </p>
      </details>
    </div>
  );
}

/** The pictures of the round, and under each whether you and the network are right. */
function Board({ round }: { round: Round | undefined }) {
  const labels = round ? labelsOf(round) : [];
  const you = round?.answers ?? [];
  const network = verdictsOf(round?.network ?? []);
  const places = Array.from({ length: ROUND }, (_, place) => place);
  const rows = [
    { who: 'You', answers: you },
    { who: 'The network', answers: network },
  ];
  return (
    <table class="landing-board" aria-label="The round so far">
      <thead>
        <tr>
          {places.map((place) => (
            <th key={place} scope="col">
              <Thumb card={place < you.length ? round!.cards[place] : undefined} place={place} />
            </th>
          ))}
          <td>
            <span class="landing-class real">{NAMES[0]}</span> <span class="landing-class fake">{NAMES[1]}</span>
          </td>
        </tr>
      </thead>
      <tbody>
        {rows.map(({ who, answers }) => (
          <tr key={who}>
            {places.map((place) => (
              <td key={place}>
                <Mark answer={place < you.length ? answers[place] : undefined} label={labels[place]} />
              </td>
            ))}
            <th scope="row">
              {who} <strong>{scoreOf(labels, answers)}</strong>
            </th>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Thumb({ card, place }: { card: Card | undefined; place: number }) {
  if (!card) {
    return (
      <span class="landing-thumb">
        <span class="picture landing-place">{place + 1}</span>
      </span>
    );
  }
  const name = NAMES[card.label]!;
  return (
    <span class={`landing-thumb ${name}`}>
      <Picture pixels={card.pixels} colors={rainbow} label={`Picture ${place + 1}: ${name}`} />
    </span>
  );
}

function Mark({ answer, label }: { answer: number | undefined; label: number | undefined }) {
  if (answer === undefined) return null;
  const right = answer === label;
  return (
    <span class={right ? 'right' : 'wrong'} title={`said ${NAMES[answer]}`}>
      <span aria-hidden="true">{right ? '✓' : '✗'}</span>
      <span class="visually-hidden">{right ? 'right' : 'wrong'}</span>
    </span>
  );
}
