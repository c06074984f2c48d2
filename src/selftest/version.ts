/** Of the engine: what package.json says. */
export const VERSION = '0.1.0';
