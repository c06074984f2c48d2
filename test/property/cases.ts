/**
 * Random cases that have failed, kept: they are tried before the random ones. What a failing test prints goes here as it is, with
 * what was wrong above it.
 */
import type { NetworkCase } from './network.ts';
import type { RandomOpCase } from './opCase.ts';

export const networkCases: readonly NetworkCase[] = [];

/** By the name of the op's spec. */
export const opCases: Readonly<Record<string, readonly RandomOpCase[]>> = {};
