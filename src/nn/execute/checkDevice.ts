import type { Device } from '../../runtime/device.ts';
import type { Recipe } from '../step/step.ts';
import { checkPrecision } from './devices.ts';
import { Memory } from './memoryBudget.ts';

/** @throws DeviceError, ArgumentError, MemoryLimitError, saying what to do, where a device cannot do what a model is compiled for */
export function checkDevice(recipe: Recipe, memoryLimit: number | undefined, device: Device): void {
  checkPrecision(recipe.precision, device);
  // With a single example. Without a limit there is hardly a model that does not fit, and the first step tells.
  if (memoryLimit !== undefined) new Memory(recipe, device, memoryLimit).steps(recipe.loss ? 'train' : 'predict', 1);
}
