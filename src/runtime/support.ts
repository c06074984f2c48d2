/** Whether a page or process can compute at all. */
import { DeviceError } from '../errors.ts';
import { checkOptions, type Kind } from '../options.ts';
import { DEVICE_OPTIONS, type DeviceOptions } from './device.ts';
import { checkAdapterOptions, requestAdapter } from './webgpu.ts';

export interface SupportOptions extends DeviceOptions {
  /** Is told what is missing and how to get it, in words for the visitor. */
  readonly explain?: (missing: string) => void;
}

const OPTIONS = { ...DEVICE_OPTIONS, explain: 'function' } as const satisfies Record<keyof SupportOptions, Kind>;

/**
 * Whether this page or process can compute: whether `requestDevice` and `compile` would find an adapter.
 * @throws ArgumentError for an option that does not exist or has a value that it does not take
 */
export async function isSupported(options: SupportOptions = {}): Promise<boolean> {
  checkOptions('isSupported', options, OPTIONS);
  const { gpu, powerPreference } = checkAdapterOptions('isSupported', options);
  try {
    await requestAdapter(gpu, powerPreference);
    return true;
  } catch (error) {
    if (!(error instanceof DeviceError)) throw error;
    options.explain?.(error.message);
    return false;
  }
}
