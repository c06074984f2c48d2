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
      lead="The wider a network is, the less each of its weights has to move before the network fits its data. Its tangent kernel K(x, x′) says how much a step of training on the point x′ changes the output at x. Where K hardly changes, training is as simple as that of a model that is linear in its weights: the curve that it ends at can be computed beforehand."
    >
      <ExperimentView />
      <BrainView />
    </Lesson>
  );
}
