import { signal } from '@preact/signals';
import { type Machine, machineAtFirst } from '../gpu/machine.ts';

/** What computes the numbers of a page. */
export const machine = signal<Machine>(machineAtFirst());
