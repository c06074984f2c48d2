import { Lesson } from '../lesson/lesson.tsx';

export function TangentPage() {
  return (
    <Lesson
      page="tangent"
      title="How far do weights move?"
      lead="The wider a network is, the less each of its weights has to move before the network fits its data. In the limit it learns like a linear model, whose kernel is the neural tangent kernel."
    >
      {null}
    </Lesson>
  );
}
