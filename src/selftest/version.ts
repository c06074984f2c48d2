/** Of the engine: what package.json says. */
export const VERSION = '0.2.0';
