import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { formatReport, type OpReport, type SelfTestReport, summarize } from '../../src/selftest/index.ts';
import { VERSION } from '../../src/selftest/version.ts';

const op = (name: string, changes: Partial<OpReport> = {}): OpReport => ({
  ...{ op: name, cases: 3, runs: 9, kernels: [], worstError: 1.234e-6, tolerance: 2e-5, milliseconds: 1234 },
  ...{ failed: 0, failures: [], skipped: [], ...changes },
});

const REPORT: SelfTestReport = {
  version: '0.1.0',
  date: '2026-02-03T04:05:06.789Z',
  environment: 'Mozilla/5.0 (X11; Linux x86_64)',
  adapter: { vendor: 'acme', architecture: 'gen-7', device: '0x1234', description: '', software: false },
  features: ['shader-f16', 'timestamp-query'],
  limits: { maxTextureDimension2D: 8192, maxBufferSize: 268435456, maxComputeInvocationsPerWorkgroup: 256 },
  ops: [
    op('relu', { worstError: 0, tolerance: 0 }),
    op('conv2d', {
      kernels: ['gemm', 'plain'],
      worstError: 0.5,
      failed: 7,
      failures: [
        {
          ...{ case: '[1,5,5,1] [3,3,1,4] {"strides":2} (stride)', kernel: 'gemm', what: 'gradient of input 1' },
          ...{ index: [0, 2, 1, 3], got: Number.NaN, want: -1.23456789, error: Number.POSITIVE_INFINITY },
          ...{ tolerance: 2e-5, wrong: 12, elements: 36 },
        },
        { case: '[1,1,1,1] [1,1,1,1] {} (one pixel)', message: 'conv2d.main does not compile:\n  line 3:  error' },
      ],
    }),
    op('training', { skipped: [{ case: 'in mixed precision', why: 'the device has no shader-f16' }] }),
  ],
  ...{ passed: 20, failed: 7, pipelines: 123, milliseconds: 45_678 },
  errors: ['binding size\n is too small'],
  ended: 'the GPU device was lost (unknown: reset) while training was tested.',
};

test('a report as text says where, what, and how wrong', () => {
  expect(formatReport(REPORT)).toMatchInlineSnapshot(`
    "## neurite self-test: the GPU device was lost; 7 of 27 runs are wrong, of conv2d; WebGPU reported 1 error(s)

    - neurite 0.1.0, 2026-02-03T04:05:06.789Z, 45.7 s, 123 pipelines
    - adapter: acme gen-7 0x1234
    - environment: Mozilla/5.0 (X11; Linux x86_64)
    - features: shader-f16, timestamp-query
    - limits of compute: maxBufferSize 268435456, maxComputeInvocationsPerWorkgroup 256
    - ended early: the GPU device was lost (unknown: reset) while training was tested.

    ### Failures

    - **conv2d** \`[1,5,5,1] [3,3,1,4] {"strides":2} (stride)\`, kernel gemm: gradient of input 1 [0,2,1,3] is NaN, should be -1.2345679: error Infinity, allowed 2.0e-5; 12 of 36 elements are wrong
    - **conv2d** \`[1,1,1,1] [1,1,1,1] {} (one pixel)\`: conv2d.main does not compile: line 3: error
    - … and 5 more of conv2d

    ### WebGPU errors

    - binding size is too small

    ### Not done on this device

    - training: in mixed precision: the device has no shader-f16

    ### Ops

    | op | cases | runs | wrong | worst error | tolerance | time |
    | --- | ---: | ---: | ---: | ---: | ---: | ---: |
    | relu | 3 | 9 | 0 | 0 | 0 | 1.2 s |
    | conv2d (gemm, plain) | 3 | 9 | 7 | 5.0e-1 | 2.0e-5 | 1.2 s |
    | training | 3 | 9 | 0 | 1.2e-6 | 2.0e-5 | 1.2 s |
    "
  `);
});

test('a sentence for each outcome', () => {
  const right: SelfTestReport = { ...REPORT, failed: 0, passed: 27, errors: [], ops: [op('relu')] };
  const { ended: _, ...whole } = right;
  expect(summarize(right)).toBe('the GPU device was lost; all 27 runs until then are right');
  expect(summarize({ ...right, passed: 0 })).toBe('the GPU device was lost; no run came to its end');
  expect(summarize(whole)).toBe('all 27 runs are right');
  expect(summarize({ ...whole, errors: ['a'] })).toBe('all 27 runs are right; WebGPU reported 1 error(s)');
  const many = 'abcdefgh'.split('').map((name) => op(name, { failed: 1 }));
  expect(summarize({ ...whole, failed: 8, passed: 1, ops: many })).toBe(
    '8 of 9 runs are wrong, of a, b, c, d, e, f and 2 more',
  );
});

test('nothing is in it that would break the lines of the text', () => {
  const text = formatReport({ ...REPORT, errors: Array.from({ length: 30 }, () => 'x'.repeat(1000)) });
  expect(text.split('\n').every((line) => line.length < 700)).toBe(true);
  expect(text).toContain('- … and 10 more\n');
});

test('the version is that of the package', () => {
  const manifest = JSON.parse(readFileSync(join(import.meta.dirname, '../../package.json'), 'utf8'));
  expect(VERSION).toBe(manifest.version);
});
