import { NeuriteError } from '../../errors.ts';

/** Runs `read`, and prefixes the message of an error with the name of the argument. */
export function naming<T>(part: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof NeuriteError)) throw error;
    const Same = error.constructor as new (message: string, options: ErrorOptions) => NeuriteError;
    throw new Same(`${part}: ${error.message}`, { cause: error });
  }
}
