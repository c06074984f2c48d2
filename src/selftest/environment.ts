import type { Device } from '../index.ts';
import type { SelfTestReport } from './report.ts';

/** The device and the environment of a report. */
export function describeDevice({
  gpu,
  isSoftware,
}: Device): Pick<SelfTestReport, 'adapter' | 'environment' | 'features' | 'limits'> {
  const { vendor, architecture, device, description } = gpu.adapterInfo;
  const { process } = globalThis as { process?: { version?: string; platform?: string; arch?: string } };
  const limits: Record<string, number> = {};
  // In browsers the limits are getters of the prototype, so Object.keys does not find them.
  for (const name in gpu.limits) {
    const value = gpu.limits[name as keyof GPUSupportedLimits];
    if (typeof value === 'number') limits[name] = value;
  }
  return {
    adapter: { vendor, architecture, device, description, software: isSoftware },
    environment: process?.version
      ? `Node ${process.version}, ${process.platform} ${process.arch}`
      : (globalThis.navigator?.userAgent ?? 'unknown'),
    features: [...gpu.features].sort(),
    limits,
  };
}
