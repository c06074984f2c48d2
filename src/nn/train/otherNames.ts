import { ArgumentError } from '../../errors.ts';

/** What Keras and TensorFlow.js have in a history or in logs, and its name here. */
const OTHER_NAMES = {
  history: 'loss',
  acc: 'accuracy',
  val_acc: 'valAccuracy',
  val_accuracy: 'valAccuracy',
  val_loss: 'valLoss',
};

/**
 * Makes it an error to read such a name, instead of an `undefined` that shows later or never. The names are not enumerable.
 * @param what the values' own name, for the message @returns the values
 */
export function withoutOtherNames<T extends object>(what: string, values: T): T {
  for (const [other, name] of Object.entries(OTHER_NAMES)) {
    const get = () => {
      const wrong = other === 'history' ? `${what}.history.${name}` : `${what}.${other}`;
      throw new ArgumentError(`${what} has no '${other}': write ${what}.${name}, not ${wrong}.`);
    };
    Object.defineProperty(values, other, { get, configurable: true });
  }
  return values;
}
