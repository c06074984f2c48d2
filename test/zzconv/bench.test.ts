import { test } from 'vitest';
import { type ConvKernel, conv2d, conv2dFilterGrad, conv2dInputGrad, graph, plan, Session } from '../../src/index.ts';
import { elements } from '../../src/tensor.ts';
import { testDevice } from '../support/device.ts';

const shapes: { name: string; x: number[]; w: number[]; o: any; ig?: boolean }[] = [
  { name: 'brain 5x5 1->32', x: [32, 128, 128, 1], w: [5, 5, 1, 32], o: {} },
  { name: 'course 2x2 32->32', x: [32, 31, 31, 32], w: [2, 2, 32, 32], o: {}, ig: true },
  { name: '3x3 s2 16->32 same', x: [8, 64, 64, 16], w: [3, 3, 16, 32], o: { strides: 2, padding: 'same' }, ig: true },
  { name: '3x3 same 16->16', x: [8, 32, 32, 16], w: [3, 3, 16, 16], o: { padding: 'same' }, ig: true },
  { name: '3x3 same 3->32', x: [8, 64, 64, 3], w: [3, 3, 3, 32], o: { padding: 'same' }, ig: true },
  { name: '1x1 32->64', x: [8, 32, 32, 32], w: [1, 1, 32, 64], o: {}, ig: true },
  { name: '3x3 depthwise 32', x: [8, 64, 64, 32], w: [3, 3, 1, 32], o: { groups: 32, padding: 'same' }, ig: true },
];
const only = new URLSearchParams(location.search).get('only');
test('bench', async () => {
  const device = await testDevice();
  const lines: string[] = [];
  for (const { name, x, w, o, ig } of shapes) {
    const g0 = graph();
    const y = conv2d(g0.input('x', x), g0.input('w', w), o).shape;
    const flop = 2 * elements(y) * w[0]! * w[1]! * w[2]!;
    for (const which of ['fwd', 'dw', 'dx'] as const) {
      if (which === 'dx' && !ig) continue;
      const kernels: (ConvKernel | undefined)[] =
        which === 'fwd' && !o.strides && !o.groups ? [undefined, 'tile', 'rows', 'plain'] : [undefined, 'plain'];
      const runs: { kernel: string; session: Session; times: number[]; once: number }[] = [];
      for (const kernel of kernels) {
        const g = graph();
        const out =
          which === 'fwd'
            ? conv2d(g.input('x', x), g.input('w', w), { ...o, kernel })
            : which === 'dw'
              ? conv2dFilterGrad(g.input('x', x), g.input('dy', y), w, { ...o, kernel })
              : conv2dInputGrad(g.input('dy', y), g.input('w', w), x, { ...o, kernel });
        const session = await Session.create(device, plan(g, [out]));
        for (const input of g.inputs)
          session.write(
            input,
            Float32Array.from({ length: elements(input.shape) }, () => Math.random()),
          );
        session.run();
        await device.gpu.queue.onSubmittedWorkDone();
        runs.push({ kernel: kernel ?? 'default', session, times: [], once: 0 });
      }
      for (let r = 0; r < 5; r++)
        for (const run of runs) {
          if (run.kernel === 'plain' && r > (flop > 3e8 ? 0 : 1)) continue;
          const reps = run.kernel === 'plain' ? 1 : Math.max(1, Math.round(2e8 / flop));
          const t = performance.now();
          for (let i = 0; i < reps; i++) run.session.run();
          await device.gpu.queue.onSubmittedWorkDone();
          run.times.push((performance.now() - t) / reps);
        }
      const best = (t: number[]) => Math.min(...t);
      const plain = best(runs.at(-1)!.times);
      lines.push(
        `${name} ${which} (${(flop / 1e6).toFixed(0)} MFLOP): ` +
          runs
            .map(
              (r) =>
                `${r.kernel} ${best(r.times).toFixed(1)} ms = ${(flop / best(r.times) / 1e6).toFixed(2)} (x${(plain / best(r.times)).toFixed(1)})`,
            )
            .join(' | '),
      );
      for (const r of runs) r.session.destroy();
    }
  }
  console.log(`\n${lines.join('\n')}`);
}, 600000);
