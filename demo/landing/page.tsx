import { addressOf } from '../frame/pages.ts';
import { BrainPicture } from '../lesson/brainPicture.tsx';
import { Figure } from '../lesson/figure.tsx';
import { Lesson } from '../lesson/lesson.tsx';

export function LandingPage() {
  return (
    <Lesson
      page="index"
      title="Real or fake?"
      computes={false}
      lead={
        <>
          A convolutional network learns to tell recordings of a mouse's brain from pictures that another network made
          up. <a href={addressOf('lab')}>Train it in the lab</a>, in this page and on your own GPU.
        </>
      }
    >
      <Figure title="A recording" text="It is simulated, and looks as a mouse's cortex does to a camera at work.">
        <BrainPicture seed={0} label="A simulated recording of a mouse's cortex" />
      </Figure>
    </Lesson>
  );
}
