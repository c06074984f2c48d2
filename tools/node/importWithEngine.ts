import { resolve } from 'node:path';
import { runnerImport } from 'vite';
import { inOneFile } from '../vite-library.ts';

const at = (path: string) => resolve(import.meta.dirname, '../..', path);

/**
 * Imports a module that uses the engine, with the engine's sources: shaders are imported as text, which Vite does and Node alone does
 * not. Vite's runner is closed once the module is there, so what the engine would load later comes with it.
 */
export async function importWithEngine<Module>(file: string): Promise<Module> {
  const { module } = await runnerImport<Module>(file, {
    configFile: false,
    logLevel: 'error',
    plugins: [inOneFile(/./)],
    resolve: {
      alias: {
        'neurite/brain': at('src/brain/index.ts'),
        'neurite/tensorboard': at('src/tensorboard/index.ts'),
        neurite: at('src/index.ts'),
      },
    },
  });
  return module;
}
