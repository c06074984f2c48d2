/** The GPU: its name, its features and the limits that decide what can be trained. */

import { formatBytes, formatCount } from '../format.ts';
import type { Machine } from '../gpu/machine.ts';
import { CopyButton } from '../ui/controls.tsx';
import { Empty, Panel } from '../ui/layout.tsx';
import { Values } from '../ui/values.tsx';
import { machine } from './client.ts';

/** Limits that decide what can be trained here, in words. */
const MAIN: readonly [name: string, words: string][] = [
  ['maxBufferSize', 'largest buffer'],
  ['maxStorageBufferBindingSize', 'largest buffer a shader can see'],
  ['maxStorageBuffersPerShaderStage', 'buffers a shader can see at once'],
  ['maxComputeInvocationsPerWorkgroup', 'threads in a workgroup'],
  ['maxComputeWorkgroupStorageSize', 'memory that a workgroup shares'],
  ['maxComputeWorkgroupsPerDimension', 'workgroups along one dimension'],
];

type Ready = Extract<Machine, { state: 'ready' }>;

export function Adapter() {
  const { value } = machine;
  if (value.state === 'missing') {
    return (
      <Panel title="The adapter">
        <Empty>There is no GPU that this page may use.</Empty>
      </Panel>
    );
  }
  // In the same space while it is asked for.
  return (
    <Panel title="The adapter" class="adapter">
      {value.state === 'asking' ? <p>Asking the browser for a GPU…</p> : <ReadyAdapter adapter={value} />}
    </Panel>
  );
}

function ReadyAdapter({ adapter }: { adapter: Ready }) {
  const { description, software, features, limits } = adapter;
  const rest = Object.entries(limits).filter(([name]) => !MAIN.some(([main]) => main === name));
  return (
    <>
      <p>
        <strong>{description}</strong>
        {software
          ? '. There is no GPU behind it: the CPU computes. Everything works, only slowly.'
          : '. Each dispatch below runs on it, thousands of threads at a time.'}
      </p>
      <Values class="limits" rows={MAIN.map(([name, words]) => [words, limitText(name, limits[name]!)])} />
      <details>
        <summary>
          {features.length} features and {rest.length} more limits
        </summary>
        <p class="chips">
          {features.map((name) => (
            <span key={name} class="chip">
              {name}
            </span>
          ))}
        </p>
        <Values class="limits all" rows={rest.map(([name, value]) => [name, limitText(name, value)])} />
      </details>
      <CopyButton text={asText(adapter)}>Copy as text</CopyButton>
    </>
  );
}

const limitText = (name: string, value: number) =>
  /Size$/.test(name) && value >= 4096 ? formatBytes(value) : formatCount(value);

function asText({ description, features, limits }: Ready): string {
  const lines = Object.entries(limits).map(([name, value]) => `${name}: ${value}`);
  return [description, navigator.userAgent, `features: ${features.join(', ')}`, ...lines].join('\n');
}
