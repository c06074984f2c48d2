import { Lesson } from '../lesson/lesson.tsx';
import '../styles/draw.css';
import '../styles/tangent.css';
import { BrainView } from './brainView.tsx';
import { ExperimentView } from './experimentView.tsx';

export function TangentPage() {
  return (
    <Lesson
      page="tangent"
      title="How far do weights move?"
      lead="The wider a network is, the less each of its weights has to move before the network fits its data."
    >
      <ExperimentView />
      <BrainView />
    </Lesson>
  );
}
