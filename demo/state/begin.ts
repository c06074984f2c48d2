/** How what is not there yet comes about. */
import { machine } from './lab.ts';

/** Begins the text of an empty place. */
export const toBegin = () => (machine.value.state === 'missing' ? 'With a GPU' : 'Press Start');
