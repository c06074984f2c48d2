import { Lesson } from '../lesson/lesson.tsx';
import '../styles/draw.css';
import '../styles/convolution.css';
import { ByHand } from './byHand/figure.tsx';
import { PoolFigure } from './pool/figure.tsx';
import { ShapesFigure } from './shapes/figure.tsx';
import { QuizFigure } from './shapes/quizFigure.tsx';
import { SmoothingFigure } from './smoothing/figure.tsx';
import { SweepFigure } from './sweep/figure.tsx';
import { ChannelsFigure } from './tensor/channels.tsx';
import { TensorFigure } from './tensor/figure.tsx';

export function ConvolutionPage() {
  return (
    <Lesson
      page="convolution"
      title="Convolution"
      lead="A small window, the kernel, moves over a picture. At each place it multiplies, and adds up."
    >
      <SweepFigure />
      <SmoothingFigure />
      <ByHand />
      <TensorFigure />
      <ChannelsFigure />
      <ShapesFigure />
      <QuizFigure />
      <PoolFigure />
    </Lesson>
  );
}
