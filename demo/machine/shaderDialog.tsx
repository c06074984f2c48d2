/** The window that shows the shader of one dispatch, with its buffers and constants. */
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { formatBytes, formatShape } from '../format.ts';
import { attempt } from '../frame/notify.ts';
import { CopyButton } from '../ui/controls.tsx';
import { Dialog, Empty, ScrollBox } from '../ui/layout.tsx';
import type { Schedule } from './protocol/index.ts';
import { loadSource } from './sources.ts';
import { tokenLines } from './tokens.ts';

/** A shader's text; empty until it has come. */
function useSource(shader: string): string {
  const [source, setSource] = useState('');
  useEffect(() => {
    attempt(() => loadSource(shader)).then((text) => setSource(text ?? ''));
  }, [shader]);
  return source;
}

/** The text of a dispatch's shader, with all that it is given. */
export function ShaderDialog({ schedule, index, onClose }: { schedule: Schedule; index: number; onClose: () => void }) {
  const { label, shader, entryPoint, constants, workgroups, bindings } = schedule.dispatches[index]!;
  const source = useSource(shader);
  return (
    <Dialog
      title={shader
        .split('+')
        .map((name) => `${name}.wgsl`)
        .join(' + ')}
      onClose={onClose}
    >
      <p>
        Dispatch {index + 1}, <code>{label}</code>, runs the entry point <code>{entryPoint}</code> in{' '}
        {workgroups.join(' × ')} workgroups.
      </p>
      <ScrollBox label="Buffers of the dispatch">
        <table>
          <thead>
            <tr>
              {['variable', 'access', 'tensor', 'shape', 'bytes', 'where'].map((name) => (
                <th key={name} scope="col">
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {bindings.map(({ name, access, tensor, storage }) => (
              <tr key={name}>
                <td>
                  <code>{name}</code>
                </td>
                <td>{access === 'read' ? 'read' : 'write'}</td>
                <td>{tensor.name}</td>
                <td>{formatShape(tensor.shape)}</td>
                <td>{formatBytes(tensor.bytes)}</td>
                <td>{typeof storage === 'number' ? `slot ${storage}` : storage}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </ScrollBox>
      <details>
        <summary>{Object.keys(constants).length} constants, baked in when the shader was compiled</summary>
        <p class="constants">
          {Object.entries(constants).map(([name, value]) => (
            <code key={name}>
              {name} = {value}
            </code>
          ))}
        </p>
      </details>
      <CopyButton text={source}>Copy the shader</CopyButton>
      {source ? <Source source={source} entryPoint={entryPoint} /> : <Empty>Loading the text…</Empty>}
    </Dialog>
  );
}

function Source({ source, entryPoint }: { source: string; entryPoint: string }) {
  const lines = useMemo(() => tokenLines(source), [source]);
  const entry = lines.findIndex((line) =>
    new RegExp(`^fn ${entryPoint}\\(`).test(line.map(({ text }) => text).join('')),
  );
  const marked = useRef<HTMLSpanElement>(null);
  useEffect(() => marked.current?.scrollIntoView({ block: 'center' }), []);
  return (
    <ScrollBox class="source" label="Text of the shader">
      <pre>
        {lines.map((tokens, i) => (
          <span key={`${i + 1}`} class={`line ${i === entry ? 'entry' : ''}`} ref={i === entry ? marked : null}>
            <span class="line-number" aria-hidden="true">
              {i + 1}
            </span>
            {tokens.map(({ kind, text }, k) =>
              kind === 'text' ? (
                text
              ) : (
                <span key={`${k} ${text}`} class={kind}>
                  {text}
                </span>
              ),
            )}
            {'\n'}
          </span>
        ))}
      </pre>
    </ScrollBox>
  );
}
