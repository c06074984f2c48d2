/** `download://name`: a file among the visitor's downloads. */
import type { Place } from './place.ts';

/** In milliseconds. The browser reads the file soon after the click, but does not say when it has. */
const READ_MS = 60_000;

export const download: Place = {
  missing: () =>
    typeof document === 'undefined'
      ? 'only a page can download a file. In a worker, post the bytes that save() returns to the page; in Node, use file://model.safetensors'
      : undefined,
  async write(name, bytes) {
    const link = document.createElement('a');
    link.href = URL.createObjectURL(new Blob([bytes]));
    link.download = /\.\w+$/.test(name) ? name : `${name}.safetensors`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), READ_MS);
  },
};
