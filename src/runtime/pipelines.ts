import { DeviceError } from '../errors.ts';
import { halve, isHalf } from '../halve.ts';
import type { PlannedDispatch } from '../plan.ts';
import { specialize } from '../shader.ts';
import { splitShader } from '../split.ts';

/** A compiled kernel. */
export interface Kernel {
  readonly pipeline: GPUComputePipeline;
  readonly layout: GPUBindGroupLayout;
  /** Of a piece's origin, where the dispatch is split. */
  readonly originLayout: GPUBindGroupLayout | undefined;
}

/** Compiles each (shader, entry point, constants, bindings) once per device, asynchronously and concurrently. */
export class PipelineCache {
  readonly #gpu: GPUDevice;
  readonly #kernels = new Map<string, Promise<Kernel>>();

  constructor(gpu: GPUDevice) {
    this.#gpu = gpu;
  }

  /** Kernels compiled or being compiled. */
  get size(): number {
    return this.#kernels.size;
  }

  /**
   * @param split whether it is for pieces of the dispatch
   * @throws DeviceError with the compiler's messages, each with its place in the file, or what stands there in a minified one
   */
  get(dispatch: PlannedDispatch, split = false): Promise<Kernel> {
    const key = pipelineKey(dispatch) + (split ? `|${dispatch.workgroups}` : '');
    let kernel = this.#kernels.get(key);
    if (!kernel) {
      kernel = this.#compile(dispatch, split);
      this.#kernels.set(key, kernel);
      // A failed compilation is not remembered: the next try may come on a better day, and reports for itself.
      kernel.catch(() => this.#kernels.delete(key));
    }
    return kernel;
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
