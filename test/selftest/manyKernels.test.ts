/** The self-test of ops that have many kernels: each is right, and one that is wrong is named. */
import { describe, expect, test } from 'vitest';
import { formatReport, type SelfTestProgress, selfTest, succeeded } from '../../src/selftest/index.ts';
import { countBuffers, testDevice } from '../support/device.ts';
import { onOwnDevice, plant } from '../support/ownDevice.ts';

describe('selfTest', () => {
  // Every other op: in one run of all, under Node.
  test('ops of each kind, and a training, are right on this device', { timeout: 300_000 }, async () => {
    const ops = [
      'matmul with bias and activation',
      'conv2dFilterGrad',
      'tanh',
      'fill',
      'lossScaling',
      'sgdUpdate',
      'training',
    ];
    const device = await testDevice();
    const buffers = countBuffers(device.gpu);
    const seen: SelfTestProgress[] = [];
    const report = await selfTest(device, { ops, onProgress: (progress) => seen.push(progress) });
    expect(succeeded(report), formatReport(report)).toBe(true);
    expect(report.ops.map(({ op }) => op)).toEqual(expect.arrayContaining(['tanh', 'sgdUpdate, momentum']));
    const gemm = report.ops.find(({ op }) => op === 'conv2dFilterGrad')!;
    expect(gemm.kernels).toEqual(expect.arrayContaining(['gemm', 'plain', 'tile']));
    expect(gemm.runs).toBeGreaterThan(gemm.cases);
    expect(report.passed).toBe(report.ops.reduce((sum, { runs }) => sum + runs, 0));
    expect(seen[0]).toEqual({ op: 'conv2dFilterGrad', done: 0, total: seen.at(-1)!.total, failed: 0 });
    expect(seen.at(-1)!.done).toBe(seen.at(-1)!.total);
    expect(buffers.alive(), 'memory is freed').toBe(0);
    buffers.restore();
  });

  test('one wrong kernel of several is named', { timeout: 180_000 }, async () => {
    await onOwnDevice(async (device) => {
      plant(device, 'matmul.plain', 'total += atA', 'total -= atA');
      const report = await selfTest(device, { ops: ['matmul with bias and activation'] });
      const [epilogue] = report.ops;
      expect(epilogue!.kernels.length).toBeGreaterThan(2);
      // In the cases with relu, which are done by all kernels.
      expect(epilogue!.failed).toBe(4);
      expect(epilogue!.failures.map(({ kernel }) => kernel)).toEqual(Array(4).fill('plain'));
    });
  });
});
