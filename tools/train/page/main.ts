/** The page that `npm run train` opens: it does the work, through the engine's public surface alone. */
import {
  type BrainSet,
  brainSize,
  type Device,
  loadBrainSegments,
  type Model,
  type PresetName,
  presets,
  requestDevice,
  scaleImages,
  sequential,
  shuffleBrain,
  simulateBrainAsync,
} from 'neurite';
import * as optimizers from 'neurite';
import { DATA_PATH, type Kernels, MODEL_FILE, type TrainEvent, type TrainOutcome } from '../protocol.ts';
import { type TrainRequest, type TrainResult, UPLOAD_PATH } from '../protocol.ts';
