/** What a page says where WebGPU or a GPU is missing, with the steps that help in each browser. */
import type { ComponentChildren } from 'preact';
import type { Machine } from '../gpu/machine.ts';

interface Advice {
  /** Recognized by the name that the browser gives itself. */
  test: RegExp;
  name: string;
  steps: string[];
}

/** In the order in which they are tried: Edge calls itself Chrome as well, and Chrome calls itself Safari. */
const BROWSERS: Advice[] = [
  {
    test: /Firefox\//,
    name: 'Firefox',
    steps: [
      'Windows: version 141 or later has WebGPU; macOS: 145 or later.',
      'Linux, or an older version: open about:config and set dom.webgpu.enabled and dom.webgpu.workers.enabled to true, then restart.',
    ],
  },
  {
    test: /Chrome\/|Edg\//,
    name: 'Chrome and Edge',
    steps: [
      'Windows, macOS, ChromeOS: version 113 or later has WebGPU; Android: 121 or later.',
      'Settings, System: turn on “Use graphics acceleration when available”, then restart.',
      'Linux, or a GPU on the blocklist: open chrome://flags/#enable-unsafe-webgpu, choose Enabled, then restart.',
    ],
  },
  {
    test: /Safari\//,
    name: 'Safari',
    steps: [
      'Safari 26 or later has WebGPU (macOS Tahoe, iOS 26, iPadOS 26).',
      'Safari 18: Develop, Feature Flags, WebGPU; on iOS: Settings, Apps, Safari, Advanced, Feature Flags.',
    ],
  },
];

/** Says what is missing, and how to get it in this browser. @param children what can be done on the page without it */
export function NoGpu({ machine, children }: { machine: Machine; children: ComponentChildren }) {
  if (machine.state !== 'missing') return null;
  const own = BROWSERS.find(({ test }) => test.test(navigator.userAgent));
  const others = BROWSERS.filter((browser) => browser !== own);
  return (
    <section class="no-gpu" aria-labelledby="no-gpu-title">
      <h2 id="no-gpu-title">
        {machine.what === 'webgpu' ? 'This browser has no WebGPU' : 'This browser finds no GPU that it may use'}
      </h2>
      <p>
        Networks are trained on the GPU through WebGPU, {machine.what === 'webgpu' ? 'which' : 'for which a GPU'} is
        missing here. {children}
      </p>
      {!isSecureContext && (
        <p>
          <strong>This page was not opened over https.</strong> Browsers give WebGPU to https pages and to localhost
          only.
        </p>
      )}
      {own && <Steps advice={own} />}
      <details>
        <summary>Other browsers</summary>
        {others.map((advice) => (
          <Steps key={advice.name} advice={advice} />
        ))}
      </details>
      {machine.what === 'adapter' && <p class="note">The browser's answer: {machine.message}</p>}
    </section>
  );
}

function Steps({ advice }: { advice: Advice }) {
  return (
    <>
      <h3>{advice.name}</h3>
      <ul>
        {advice.steps.map((step) => (
          <li key={step}>{step}</li>
        ))}
      </ul>
    </>
  );
}
