/**
 * What a worker runs: it waits for pages that call `remote`, and has their models. A worker of one's own imports it:
 * `import 'neurite/worker/start'`.
 * @module neurite/worker/start
 */
import { ModelHost } from './host.ts';
import type { Greeting } from './protocol.ts';

addEventListener('message', ({ data }: MessageEvent<Partial<Greeting> | undefined>) => {
  if (data?.neurite !== undefined && data.port) new ModelHost(data.port);
});
