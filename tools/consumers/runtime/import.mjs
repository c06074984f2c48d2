import * as neurite from 'neurite';
import { simulateBrain } from 'neurite/brain';
import { succeeded } from 'neurite/selftest';
import { findGpu } from './gpu.mjs';
import { oneEngine } from './oneEngine.cjs';
import { train } from './train.mjs';

oneEngine(neurite, simulateBrain, succeeded);
console.log(await train(neurite, await findGpu()));
