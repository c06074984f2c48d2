import '../../../styles/training.css';
import { Section } from '../../../ui/layout.tsx';
import { Curves } from './curves.tsx';
import { Runs } from './runs.tsx';
import { Settings } from './settings.tsx';
import { Test } from './test.tsx';

export function TrainingSection() {
  return (
    <Section
      id="training"
      title="Training"
      lead="A step shows the network one batch of pictures, measures how wrong it is (the loss), and moves every weight a little to make the loss smaller."
    >
      <Settings />
      <Curves />
      <Test />
      <Runs />
    </Section>
  );
}
