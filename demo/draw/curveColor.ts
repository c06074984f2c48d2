/** Colours of curves, in draw.css; they come round again. */
const COLORS = 6;

/** The custom property with the colour of a curve. */
export const curveColor = (id: number) => `--curve-${(id - 1) % COLORS}`;
