import * as neurite from './node_modules/neurite/dist/neurite.js';
import { train } from './train.mjs';

postMessage(await train(neurite));
