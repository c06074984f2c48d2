import * as neurite from 'neurite';
import { presets } from 'neurite/brain';
import { train } from './train.mjs';

neurite.sequential(presets.baseline());
train(neurite).then((result) => {
  document.title = result;
});
