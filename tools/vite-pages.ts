/** A vite plugin that gives each page of the site what all of them have in common. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Plugin } from 'vite';

const NO_SCRIPT = '<noscript>This page computes by JavaScript and WebGPU: allow scripts to see it.</noscript>';

/** @param folder where the pages lie, and in frame/head.html what stands at the beginning of each one's head */
export function commonHead(folder: string): Plugin {
  return {
    name: 'common-head',
    transformIndexHtml: {
      order: 'pre', // as if it stood in the page itself: the security policy comes later, and allows its script
      handler: (html) =>
        html
          .replace('<head>', () => `<head>\n${readFileSync(join(folder, 'frame/head.html'), 'utf8')}`)
          .replace('</body>', () => `${NO_SCRIPT}\n</body>`),
    },
  };
}
