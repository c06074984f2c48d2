/** Colours of runs, in training.css; they come round again. */
const COLORS = 6;

export const runColor = (id: number) => `var(--run-${(id - 1) % COLORS})`;
