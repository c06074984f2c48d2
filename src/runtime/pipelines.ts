/**
 * Compiles kernels and caches them for each device: equal dispatches share one pipeline, and a pipeline that no session
 * uses is kept for a while, since the next session often needs it again.
 */
import { DeviceError } from '../errors.ts';
import type { PlannedDispatch } from '../plan/types.ts';
import { halve, isHalf } from '../shader/f16.ts';
import { specialize } from '../shader/shader.ts';
import { splitShader } from '../shader/split.ts';

/** A compiled kernel. */
export interface Kernel {
  readonly pipeline: GPUComputePipeline;
  readonly layout: GPUBindGroupLayout;
  /** Layout of the bind group with a piece's first workgroup. Undefined if the dispatch is not split. */
  readonly originLayout: GPUBindGroupLayout | undefined;
}

/** A cached kernel with a reference count. It is kept as long as a dispatch uses it, and may be kept longer. */
export interface Lease {
  readonly key: string;
  readonly kernel: Promise<Kernel>;
  users: number;
}

/** Number of unused kernels that are always kept. */
const SPARE = 64;

/**
 * Compiles each (shader, entry point, constants, bindings) once per device, asynchronously and concurrently. Kernels
 * that no session uses any more are kept for the next session: the ones used last, up to the largest number that was in
 * use at once, but at least 64. All unused kernels go when the last store of variables on the device is destroyed.
 */
export class PipelineCache {
  readonly #gpu: GPUDevice;
  /** By key. The unused ones are in the order in which they were released. */
  readonly #leases = new Map<string, Lease>();
  #retained = 0;
  #used = 0;
  #spare = SPARE;
  /** Number of kernels compiled so far. */
  compiled = 0;

  constructor(gpu: GPUDevice) {
    this.#gpu = gpu;
  }

  /** Number of kernels in the cache, compiled or being compiled. */
  get size(): number {
    return this.#leases.size;
  }

  /** Keeps unused kernels until `releaseUnused`. A store of variables calls it: as long as there is one, they may be needed again. */
  retainUnused(): void {
    this.#retained++;
  }

  /** Ends what `retainUnused` began. After the last one, all unused kernels are dropped. */
  releaseUnused(): void {
    this.#retained--;
    this.#trim();
  }

  /**
   * The kernel of a dispatch, from the cache or compiled now.
   * @param split whether the kernel runs pieces of the dispatch
   * @param leases the kernel's lease is added to them; the caller passes them to `release`
   * @throws DeviceError with the compiler's messages, each with its line and column, or in a minified file with the
   *   text there
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
      // A failed compilation is not cached, because it may succeed next time, e.g. when more memory is free.
      kernel.catch(() => this.#forget(made));
    }
    if (lease.users++ === 0) this.#spare = Math.max(this.#spare, ++this.#used);
    leases.push(lease);
    return lease.kernel;
  }

  /** Ends the use of kernels. @param forget whether to drop those that have no other user, instead of keeping them */
  release(leases: readonly Lease[], forget = false): void {
    for (const lease of leases) {
      if (--lease.users > 0) continue;
      this.#used--;
      const known = this.#forget(lease);
      if (known && !forget) this.#leases.set(lease.key, lease); // moves it to the end, as the one released last
    }
    this.#trim();
  }

  #forget(lease: Lease): boolean {
    return this.#leases.get(lease.key) === lease && this.#leases.delete(lease.key);
  }

  /** Drops unused kernels beyond the allowed number, the ones released first before the others. */
  #trim(): void {
    if (this.#retained === 0) {
      this.#spare = SPARE;
      this.#leases.clear(); // sessions that still exist hold their own leases
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

/**
 * Where a compiler's message points: file, line and column. In a minified shader, which is one line, the text at that
 * place says more than the column.
 */
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
