import { DeviceError } from '../errors.ts';
import type { PlannedDispatch } from '../plan/plan.ts';
import { halve, isHalf } from '../shader/f16.ts';
import { specialize } from '../shader/shader.ts';
import { splitShader } from '../shader/split.ts';

/** A compiled kernel. */
export interface Kernel {
  readonly pipeline: GPUComputePipeline;
  readonly layout: GPUBindGroupLayout;
  /** Of a piece's origin, where the dispatch is split. */
  readonly originLayout: GPUBindGroupLayout | undefined;
}

/** A kernel that dispatches have: it is kept as long as one does, and may be kept longer. */
export interface Lease {
  readonly key: string;
  readonly kernel: Promise<Kernel>;
  users: number;
}

/** So many kernels that nobody uses are kept in any case. */
const SPARE = 64;

/**
 * Compiles each (shader, entry point, constants, bindings) once per device, asynchronously and concurrently. Kernels that no session uses
 * any more are kept for the next one: those that were used last, as many as were in use at once, or 64; none, once nobody is on the device.
 */
export class PipelineCache {
  readonly #gpu: GPUDevice;
  /** Those that nobody uses in the order in which they were left. */
  readonly #leases = new Map<string, Lease>();
  #residents = 0;
  #used = 0;
  #spare = SPARE;
  /** Kernels compiled so far. */
  compiled = 0;

  constructor(gpu: GPUDevice) {
    this.#gpu = gpu;
  }

  /** Kernels that are kept, compiled or being compiled. */
  get size(): number {
    return this.#leases.size;
  }

  /** Somebody lives on the device, and may want kernels again. */
  enter(): void {
    this.#residents++;
  }

  /** Somebody is gone; with the last one all goes that nobody uses. */
  leave(): void {
    this.#residents--;
    this.#trim();
  }

  /**
   * @param split whether it is for pieces of the dispatch
   * @param leases what is to be released is added to them
   * @throws DeviceError with the compiler's messages, each with its place in the file, or what stands there in a minified one
   */
  get(dispatch: PlannedDispatch, split = false, leases: Lease[] = []): Promise<Kernel> {
    const key = pipelineKey(dispatch) + (split ? `|${dispatch.workgroups}` : '');
    let lease = this.#leases.get(key);
    if (!lease) {
      this.compiled++;
      const kernel = this.#compile(dispatch, split);
      const made: Lease = { key, kernel, users: 0 };
      lease = made;
      this.#leases.set(key, made);
      // A failed compilation is not remembered: the next try may come on a better day, and reports for itself.
      kernel.catch(() => this.#forget(made));
    }
    if (lease.users++ === 0) this.#spare = Math.max(this.#spare, ++this.#used);
    leases.push(lease);
    return lease.kernel;
  }

  /** Gives kernels back. @param forget nobody will want those again that no one else uses */
  release(leases: readonly Lease[], forget = false): void {
    for (const lease of leases) {
      if (--lease.users > 0) continue;
      this.#used--;
      const known = this.#forget(lease);
      if (known && !forget) this.#leases.set(lease.key, lease); // at the end: left just now
    }
    this.#trim();
  }

  #forget(lease: Lease): boolean {
    return this.#leases.get(lease.key) === lease && this.#leases.delete(lease.key);
  }

  /** Those that were left first go first. */
  #trim(): void {
    if (this.#residents === 0) {
      this.#spare = SPARE;
      this.#leases.clear(); // sessions that are about to go have theirs
      return;
    }
    const unused = [...this.#leases.values()].filter(({ users }) => users === 0);
    for (const lease of unused.slice(0, Math.max(0, unused.length - this.#spare))) this.#leases.delete(lease.key);
  }

  async #compile(dispatch: PlannedDispatch, split: boolean): Promise<Kernel> {
    const { shader, entryPoint, constants, bindings, workgroups } = dispatch;
    const label = `${shader.name}.${entryPoint}`;
    const halves = bindings.filter(({ storage }) => isHalf(storage)).map(({ name }) => name);
    const whole = halve(shader, specialize(shader, constants), halves);
    const code = split ? splitShader(shader, whole, entryPoint, workgroups) : whole;
    const module = this.#gpu.createShaderModule({ label, code });
    // Declared, not `auto`: an automatic layout drops bindings that the entry point happens not to use.
    const layout = this.#gpu.createBindGroupLayout({
      label,
      entries: bindings.map(({ binding, access }) => ({
        binding,
        visibility: GPUShaderStage.COMPUTE,
        buffer: { type: access === 'read' ? 'read-only-storage' : 'storage' },
      })),
    });
    const { COMPUTE: visibility } = GPUShaderStage;
    const originLayout = split
      ? this.#gpu.createBindGroupLayout({
          label: 'origin',
          entries: [{ binding: 0, visibility, buffer: { type: 'uniform', hasDynamicOffset: true } }],
        })
      : undefined;
    const bindGroupLayouts = originLayout ? [layout, originLayout] : [layout];
    try {
      const pipeline = await this.#gpu.createComputePipelineAsync({
        label,
        layout: this.#gpu.createPipelineLayout({ label, bindGroupLayouts }),
        compute: { module, entryPoint },
      });
      return { pipeline, layout, originLayout };
    } catch (cause) {
      const { messages } = await module.getCompilationInfo();
      const lines = messages.map((m) => `  ${place(shader.name, code, m)} ${m.type}: ${m.message.trim()}`);
      const detail = lines.length > 0 ? `\n${lines.join('\n')}` : ` ${(cause as Error).message}`;
      const narrowed = halves.length > 0 ? ` and ${halves.join(', ')} as f16` : '';
      throw new DeviceError(`${label} does not compile with ${JSON.stringify(constants)}${narrowed}:${detail}`, {
        cause,
      });
    }
  }
}

/** Where in its file a message points; a shader that was built to ship is one line, so there, what stands at the place. */
function place(name: string, code: string, { lineNum, linePos, offset }: GPUCompilationMessage): string {
  const file = `shaders/${name}.wgsl`;
  if (code.includes('\n')) return `${file}:${lineNum}:${linePos}`;
  return `${file} (minified) at "${code.slice(offset, offset + 40)}"`;
}

/** Equal for dispatches that can share a pipeline. */
export function pipelineKey({ shader, entryPoint, constants, bindings }: PlannedDispatch): string {
  const layout = bindings
    .map(({ binding, access, storage }) => `${binding}${access}${isHalf(storage) ? ' f16' : ''}`)
    .join();
  return [shader.name, entryPoint, JSON.stringify(constants), layout].join('|');
}
