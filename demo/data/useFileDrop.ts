import type { RefObject } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { attempt } from '../state/lab.ts';
import { droppedFiles } from './droppedFiles.ts';
import type { UserFile } from './openUserFiles.ts';

const holdsFiles = (event: DragEvent) => event.dataTransfer?.types.includes('Files') ?? false;

/** Takes files and folders that are dropped on an element. Returns whether some are held over it. */
export function useFileDrop(target: RefObject<HTMLElement | null>, onFiles: (files: UserFile[]) => void): boolean {
  const [over, setOver] = useState(false);
  useEffect(() => {
    const element = target.current!;
    const listening = new AbortController();
    const { signal } = listening;
    const hold = (event: DragEvent) => {
      if (!holdsFiles(event)) return;
      event.preventDefault(); // without it the browser opens the file instead of the page
      event.dataTransfer!.dropEffect = 'copy';
      setOver(true);
    };
    const leave = (event: DragEvent) => {
      if (!element.contains(event.relatedTarget as Node | null)) setOver(false);
    };
    const drop = async (event: DragEvent) => {
      setOver(false);
      if (!holdsFiles(event)) return;
      event.preventDefault();
      const files = await attempt(() => droppedFiles(event.dataTransfer!));
      if (files) onFiles(files);
    };
    element.addEventListener('dragenter', hold, { signal });
    element.addEventListener('dragover', hold, { signal });
    element.addEventListener('dragleave', leave, { signal });
    element.addEventListener('drop', drop, { signal });
    // Beside the places that take files a drop would leave the page, and the networks that were trained in it.
    const refuse = (event: DragEvent) => {
      if (event.defaultPrevented || !holdsFiles(event)) return;
      event.preventDefault();
      event.dataTransfer!.dropEffect = 'none';
    };
    addEventListener('dragover', refuse, { signal });
    addEventListener('drop', refuse, { signal });
    return () => listening.abort();
  }, []);
  return over;
}
