import { Lesson } from '../lesson/lesson.tsx';
import '../styles/draw.css';
import '../styles/painting.css';
import '../styles/gan.css';
import '../styles/guess.css';
import { Painting } from './painting/figure.tsx';
import { Learning } from './training/figure.tsx';
import { Guess } from './training/guess.tsx';

export function FakesPage() {
  return (
    <Lesson
      page="fakes"
      title="Where the fakes come from"
      lead="A generative network paints pictures out of noise. It learns from a second network, which tries to tell its pictures from real ones."
    >
      <Learning />
      <Guess />
      <Painting />
    </Lesson>
  );
}
