/** The shaders as they lie in the project, comments and all: the engine is shipped without these. */
const SOURCES = import.meta.glob<string>('../../shaders/*.wgsl', { query: '?source', import: 'default' });

export function loadSource(shader: string): Promise<string> {
  return SOURCES[`../../shaders/${shader}.wgsl`]!();
}
