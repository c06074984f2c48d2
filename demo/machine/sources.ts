/**
 * The shaders as they lie in the project, comments and all: the engine is shipped without these. A file of its own: where a file
 * has both a glob and JSX, vite's scan for dependencies takes the JSX for React's.
 */
const SOURCES = import.meta.glob<string>('../../shaders/*.wgsl', { query: '?source', import: 'default' });

/** The text of a shader, and behind it that of one whose function it takes over: `conv2d+elu` is of two files. */
export async function loadSource(shader: string): Promise<string> {
  const texts = shader.split('+').map((name) => SOURCES[`../../shaders/${name}.wgsl`]!());
  return (await Promise.all(texts)).join('\n');
}
