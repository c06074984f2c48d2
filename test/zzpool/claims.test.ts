import { test } from 'vitest';
import { tensorflow } from '../support/tensorflow.ts';
test('claims', async () => {
  const tf = await tensorflow();
  const g = tf.grad((x) => tf.max(x, 1));
  console.log('max ties', Array.from(await g(tf.tensor([[1, 3, 3]]), tf.tensor([1])).data()));
  try { const b = tf.grad((x) => tf.broadcastTo(x, [2, 3])); const r = b(tf.tensor([1, 2, 3]), tf.ones([2, 3])); console.log('broadcastTo', r.shape, Array.from(await r.data())); } catch (e) { console.log('broadcastTo', String(e)); }
  const a = tf.grad((x) => tf.avgPool(x as never, [2, 2], [2, 2], 'same'));
  console.log('avg', Array.from(await a(tf.ones([1, 3, 3, 1]), tf.ones([1, 2, 2, 1])).data()));
});
