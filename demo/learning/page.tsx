import { Lesson } from '../lesson/lesson.tsx';

export function LearningPage() {
  return (
    <Lesson
      page="learning"
      title="Learning"
      lead="A network learns by its gradient: for each weight, how much the loss would change if the weight did. Backpropagation computes all of them in one walk from the loss back to the input."
    >
      {null}
    </Lesson>
  );
}
