import { Lesson } from '../lesson/lesson.tsx';
import '../styles/learning.css';
import '../styles/playground.css';
import '../styles/playgroundNetwork.css';
import '../styles/playgroundOutput.css';
import '../styles/backprop.css';
import { BackpropView } from './backprop/backpropView.tsx';
import { ActivationCurves } from './curves/activationCurves.tsx';
import { TwoLayersView } from './curves/twoLayersView.tsx';
import { Playground } from './playground/playground.tsx';
import { SoftmaxView } from './softmax/softmaxView.tsx';

export function LearningPage() {
  return (
    <Lesson
      page="learning"
      title="Learning"
      lead="A network learns by its gradient: for each weight, how much the loss would change if the weight did."
    >
      <Playground />
      <ActivationCurves />
      <TwoLayersView />
      <BackpropView />
      <SoftmaxView />
    </Lesson>
  );
}
