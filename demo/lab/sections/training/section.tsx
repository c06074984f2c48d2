import '../../../styles/training.css';
import { Section } from '../../../ui/layout.tsx';
import { Curves } from './curves.tsx';
import { Numbers } from './numbers.tsx';
import { Runs } from './runs.tsx';
import { Settings } from './settings.tsx';
import { Test } from './test.tsx';

export function TrainingSection() {
  return (
    <Section
      id="training"
      title="Training"
      lead="Each step shows the network one batch of images, measures how wrong it is (the loss), and moves every weight a little in the direction that makes the loss smaller. When training images are right and validation images are not, it has learned them by heart."
    >
      <div class="training-top">
        <Settings />
        <Numbers />
      </div>
      <Curves />
      <Test />
      <Runs />
    </Section>
  );
}
