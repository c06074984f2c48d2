/** The report of a self-test: as plain data, and as text for a bug report. */

/** A wrong result. Its numbers may be NaN or infinite. */
export interface Failure {
  /** Shapes of the inputs, options, and the purpose of the case. */
  readonly case: string;
  /** The requested kernel. Absent: the one that the engine chooses. */
  readonly kernel?: string;
  /** Name of the result, e.g. `y` or `gradient of input 0`. Absent if there was no result. */
  readonly what?: string;
  /** Index of the worst element, along each axis. */
  readonly index?: readonly number[];
  readonly got?: number;
  readonly want?: number;
  /** |got - want| / max(1, |want|) of the worst element. */
  readonly error?: number;
  /** The largest allowed error. */
  readonly tolerance?: number;
  /** Number of elements beyond the tolerance. */
  readonly wrong?: number;
  /** Number of all elements. */
  readonly elements?: number;
  /** Message of an error that was thrown, or that WebGPU reported. */
  readonly message?: string;
}

export interface OpReport {
  readonly op: string;
  readonly cases: number;
  /** Number of runs: each case runs once with each kernel that can do it. */
  readonly runs: number;
  /** Names of the kernels, if the op has several. */
  readonly kernels: readonly string[];
  /** Error of the result with the largest ratio of error to tolerance. */
  readonly worstError: number;
  readonly tolerance: number;
  readonly milliseconds: number;
  /** Number of runs with a wrong result. */
  readonly failed: number;
  /** The first few of them. */
  readonly failures: readonly Failure[];
  /** Cases that this device cannot do. */
  readonly skipped: readonly { readonly case: string; readonly why: string }[];
}

export interface SelfTestReport {
  /** Version of the engine. */
  readonly version: string;
  /** ISO 8601. */
  readonly date: string;
  /** The browser's name for itself, or Node's version. */
  readonly environment: string;
  readonly adapter: {
    readonly vendor: string;
    readonly architecture: string;
    readonly device: string;
    readonly description: string;
    /** Whether it computes on the CPU. */
    readonly software: boolean;
  };
  readonly features: readonly string[];
  readonly limits: Readonly<Record<string, number>>;
  readonly ops: readonly OpReport[];
  /** Number of runs that were right. */
  readonly passed: number;
  /** Number of runs that were wrong. */
  readonly failed: number;
  /** Number of pipelines that were compiled. */
  readonly pipelines: number;
  readonly milliseconds: number;
  /** Errors that WebGPU reported meanwhile. */
  readonly errors: readonly string[];
  /** If the device was lost before the end: the reason, and the op that was tested. */
  readonly ended?: string;
}

/** Whether all checks ran and were right. */
export function succeeded({ passed, failed, errors, ended }: SelfTestReport): boolean {
  return passed > 0 && failed === 0 && errors.length === 0 && ended === undefined;
}

/** The report in one sentence. */
export function summarize(report: SelfTestReport): string {
  const { passed, failed, errors, ended, ops } = report;
  const runs = passed + failed;
  const wrong = ops.filter((op) => op.failed > 0).map(({ op }) => op);
  const all =
    runs > 0 ? `all ${runs} runs ${ended === undefined ? '' : 'until then '}are right` : 'no run came to its end';
  const found = failed > 0 ? `${failed} of ${runs} runs are wrong, of ${list(wrong)}` : all;
  const reported = errors.length > 0 ? `; WebGPU reported ${errors.length} error(s)` : '';
  return `${ended === undefined ? '' : 'the GPU device was lost; '}${found}${reported}`;
}

function list(names: readonly string[]): string {
  const shown = names.slice(0, 6).join(', ');
  return names.length > 6 ? `${shown} and ${names.length - 6} more` : shown;
}

/** The limits that matter to compute kernels, out of about thirty. */
const COMPUTE = /Compute|BufferSize|StorageBuffer(sPer|Binding)|BindGroups$/;

/** Largest number of WebGPU errors in the text. */
const MOST_ERRORS = 20;

/** The report as Markdown, to be pasted into a bug report. */
export function formatReport(report: SelfTestReport): string {
  const { version, date, environment, adapter, features, limits, ops, pipelines, milliseconds, errors, ended } = report;
  const name = [adapter.vendor, adapter.architecture, adapter.description || adapter.device].filter(Boolean).join(' ');
  const failures = ops.filter(({ failed }) => failed > 0);
  const skipped = ops.flatMap(({ op, skipped: cases }) => cases.map((one) => `- ${op}: ${one.case}: ${one.why}`));
  const lines = [
    `## neurite self-test: ${summarize(report)}`,
    '',
    `- neurite ${version}, ${date}, ${seconds(milliseconds)}, ${pipelines} pipelines`,
    `- adapter: ${name || 'unnamed'}${adapter.software ? ' (software, computes on the CPU)' : ''}`,
    `- environment: ${environment}`,
    `- features: ${features.join(', ') || 'none'}`,
    `- limits of compute: ${Object.entries(limits)
      .filter(([limit]) => COMPUTE.test(limit))
      .map(([limit, value]) => `${limit} ${value}`)
      .join(', ')}`,
    ...(ended === undefined ? [] : [`- ended early: ${line(ended)}`]),
    ...section('Failures', failures.flatMap(opFailures)),
    ...section('WebGPU errors', [
      ...errors.slice(0, MOST_ERRORS).map((error) => `- ${line(error)}`),
      ...more(errors.length - MOST_ERRORS),
    ]),
    ...section('Not done on this device', skipped),
    ...section('Ops', ops.length > 0 ? [HEAD, RULE, ...ops.map(row)] : []),
  ];
  return `${lines.join('\n')}\n`;
}

const HEAD = '| op | cases | runs | wrong | worst error | tolerance | time |';
const RULE = '| --- | ---: | ---: | ---: | ---: | ---: | ---: |';

function row({ op, cases, runs, failed, worstError, tolerance, milliseconds, kernels }: OpReport): string {
  const names = kernels.length > 0 ? ` (${kernels.join(', ')})` : '';
  const cells = [
    op + names,
    cases,
    runs,
    failed,
    shortNumber(worstError),
    shortNumber(tolerance),
    seconds(milliseconds),
  ];
  return `| ${cells.join(' | ')} |`;
}

function opFailures({ op, failures, failed }: OpReport): string[] {
  return [
    ...failures.map((failure) => `- **${op}** ${describe(failure)}`),
    ...more(failed - failures.length, ` of ${op}`),
  ];
}

/** A failure as one line. */
export function describe(failure: Failure): string {
  const { kernel, what, index, got, want, error, tolerance, wrong, elements, message } = failure;
  const by = kernel === undefined ? '' : `, kernel ${kernel}`;
  const found =
    message === undefined
      ? `${what} [${index}] is ${float(got!)}, should be ${float(want!)}: error ${shortNumber(error!)}, allowed ${shortNumber(tolerance!)}; ` +
        `${wrong} of ${elements} elements are wrong`
      : line(message);
  return `\`${failure.case}\`${by}: ${found}`;
}

function section(title: string, content: readonly string[]): string[] {
  return content.length > 0 ? ['', `### ${title}`, '', ...content] : [];
}

function more(count: number, of = ''): string[] {
  return count > 0 ? [`- … and ${count} more${of}`] : [];
}

/** A message as one line, for a list: messages of compilers have several lines. */
function line(text: string): string {
  const flat = text.replace(/\s+/g, ' ').trim();
  return flat.length > 500 ? `${flat.slice(0, 500)}…` : flat;
}

/** An error or a tolerance, with two digits. */
function shortNumber(value: number): string {
  return Number.isFinite(value) && value !== 0 ? value.toExponential(1) : String(value);
}

/** A value of float32 with all its digits. */
function float(value: number): string {
  return String(Number.isFinite(value) ? Number(value.toPrecision(8)) : value);
}

function seconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(1)} s`;
}
