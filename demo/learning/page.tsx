import { Lesson } from '../lesson/lesson.tsx';
import '../styles/learning.css';
import { Playground } from './playground/playground.tsx';

export function LearningPage() {
  return (
    <Lesson
      page="learning"
      title="Learning"
      lead="A network learns by its gradient: for each weight, how much the loss would change if the weight did."
    >
      <Playground />
    </Lesson>
  );
}
