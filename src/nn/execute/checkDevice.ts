import type { Device } from '../../runtime/device.ts';
import type { StepSpec } from '../step/step.ts';
import { checkPrecision } from './devices.ts';
import { MemoryBudget } from './memoryBudget.ts';

/**
 * Checks that a device supports the model's precision and that a step on one example fits into the memory limit.
 * @throws DeviceError, MemoryLimitError with a message that says what to change
 */
export function checkDevice(spec: StepSpec, memoryLimit: number | undefined, device: Device): void {
  checkPrecision(spec.precision, device);
  // Without a limit almost every model fits, and the first step throws if one does not.
  if (memoryLimit !== undefined)
    new MemoryBudget(spec, device, memoryLimit).steps({ mode: spec.loss ? 'train' : 'predict', batchSize: 1 });
}
