/** A row of shapes with one number that is wrong. */
import { useState } from 'preact/hooks';
import { Figure } from '../../lesson/figure.tsx';
import { Button } from '../../ui/controls.tsx';
import { numberAt, type Position, type Puzzle, puzzle, reason, type Shapes, TENSORS, type TensorName } from './quiz.ts';

const NAMES: Readonly<Record<TensorName, { name: string; what: string }>> = {
  x: { name: 'x', what: 'pictures' },
  W1: { name: 'W₁', what: 'kernels' },
  b1: { name: 'b₁', what: 'intercepts' },
  h: { name: 'h', what: 'maps' },
  W2: { name: 'W₂', what: 'kernels' },
  b2: { name: 'b₂', what: 'intercepts' },
  y: { name: 'y', what: 'maps' },
};

export function QuizFigure() {
  const [task, setTask] = useState<Puzzle>(() => puzzle());
  const [tried, setTried] = useState<readonly Position[]>([]);
  const [score, setScore] = useState({ found: 0, of: 0 });
  const isWrong = (position: Position) => same(position, task.wrong);
  const found = tried.some(isWrong);
  const choose = (position: Position) => {
    if (found || tried.some((before) => same(before, position))) return;
    setTried([...tried, position]);
    if (isWrong(position)) setScore({ found: score.found + (tried.length === 0 ? 1 : 0), of: score.of + 1 });
  };
  const last = tried.at(-1);
  return (
    <Figure
      id="quiz"
      title="Which number is wrong?"
      text="Two convolutional layers, one after the other: square colour pictures, square kernels, stride 1, no padding. One number does not fit the others: press it."
    >
      <div class="quiz">
        {TENSORS.map((tensor) => (
          <Tensor key={tensor} {...{ tensor, tried, found, isWrong, choose }} shapes={task.shapes} />
        ))}
      </div>
      <div class="row quiz-end">
        <Button
          kind={found ? 'main' : 'plain'}
          onClick={() => {
            setTask(puzzle());
            setTried([]);
          }}
        >
          Another one
        </Button>
        <span class="quiz-answer" role="status">
          {found && `Right: ${numberAt(task.shapes, task.wrong)} should be ${task.right}, because ${reason(task)} `}
          {!found && last && `${numberAt(task.shapes, last)} fits the others. `}
          {score.of > 0 && `Found at the first try: ${score.found} of ${score.of}.`}
        </span>
      </div>
    </Figure>
  );
}

const same = (a: Position, b: Position) => a.tensor === b.tensor && a.axis === b.axis;

function Tensor(props: {
  tensor: TensorName;
  shapes: Shapes;
  tried: readonly Position[];
  found: boolean;
  isWrong: (position: Position) => boolean;
  choose: (position: Position) => void;
}) {
  const { tensor, shapes, tried, found, isWrong, choose } = props;
  const { name, what } = NAMES[tensor];
  return (
    <fieldset class="quiz-tensor">
      <legend class="matrix-name">
        {name}, {what}
      </legend>
      <span class="quiz-numbers">
        {shapes[tensor].map((number, axis) => {
          const position = { tensor, axis };
          const pressed = tried.some((before) => same(before, position));
          const state = pressed ? (isWrong(position) ? 'found' : 'fits') : '';
          return (
            <button
              key={`${axis}`}
              type="button"
              class={`cell ${state}`}
              aria-pressed={pressed}
              aria-disabled={found}
              data-position={`${tensor} ${axis}`}
              onClick={() => choose(position)}
            >
              {number}
            </button>
          );
        })}
      </span>
    </fieldset>
  );
}
