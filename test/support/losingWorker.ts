/** A worker of a page's own, with the models of `remote`. Told to, it destroys the GPU device that was asked for last. */
import '../../src/worker/start.ts';

let last: GPUDevice | undefined;
const { requestDevice } = GPUAdapter.prototype;
GPUAdapter.prototype.requestDevice = async function (descriptor) {
  last = await requestDevice.call(this, descriptor);
  return last;
};

addEventListener('message', ({ data }) => {
  if (data === 'lose') last?.destroy();
});
