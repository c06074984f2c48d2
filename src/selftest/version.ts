/** Version of the engine, from package.json. */
export const VERSION = '0.2.0';
