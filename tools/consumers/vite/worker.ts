import { requestDevice } from 'neurite';
import { trained } from './trained.ts';

requestDevice().then(async (device) => postMessage(await trained(device)));
