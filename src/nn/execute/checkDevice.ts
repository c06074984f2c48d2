import type { Device } from '../../runtime/device.ts';
import type { StepSpec } from '../step/step.ts';
import { checkPrecision } from './devices.ts';
import { MemoryBudget } from './memoryBudget.ts';

/** @throws DeviceError, ArgumentError, MemoryLimitError, saying what to do, where a device cannot do what a model is compiled for */
export function checkDevice(spec: StepSpec, memoryLimit: number | undefined, device: Device): void {
  checkPrecision(spec.precision, device);
  // With a single example. Without a limit there is hardly a model that does not fit, and the first step tells.
  if (memoryLimit !== undefined)
    new MemoryBudget(spec, device, memoryLimit).steps({ mode: spec.loss ? 'train' : 'predict', batchSize: 1 });
}
