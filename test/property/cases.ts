/**
 * Random cases that have failed, kept: they are tried before the random ones. What a failing test prints goes here as it is, with
 * what was wrong above it.
 */
import type { NetworkCase } from './network.ts';

export const networkCases: readonly NetworkCase[] = [];
