import '../../../styles/model.css';
import { Panel, Section } from '../../../ui/layout.tsx';
import { Drawing } from './drawing.tsx';
import { Editor } from './editor.tsx';
import { Presets } from './presets.tsx';
import { Summary } from './summary.tsx';

export function ModelSection() {
  return (
    <Section
      id="model"
      title="Model"
      lead="A convolutional network slides small kernels over the image, keeps the strongest answers, and weighs them. What the kernels and the weights are is learned; how many there are, and in which order, is yours to choose."
    >
      <Presets />
      <Panel
        title="Its tensors"
        note="Each box is what one layer hands to the next: height, width and channels of images, lengths of vectors."
      >
        <Drawing />
      </Panel>
      <Editor />
      <Summary />
    </Section>
  );
}
