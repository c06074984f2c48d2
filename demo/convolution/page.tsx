import { Lesson } from '../lesson/lesson.tsx';

export function ConvolutionPage() {
  return (
    <Lesson
      page="convolution"
      title="Convolution"
      lead="A convolution moves a small window, the kernel, over a picture. At each place it multiplies the numbers under the window with those of the kernel, and adds them up."
    >
      {null}
    </Lesson>
  );
}
