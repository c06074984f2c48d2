import type { RefObject } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { attempt, notify } from '../../../frame/notify.ts';
import { droppedFiles } from './droppedFiles.ts';
import { holdsFiles } from './holdsFiles.ts';
import { isModel, type UserFile } from './openUserFiles.ts';

/**
 * Takes files and folders that are dropped on an element, and models that are dropped anywhere.
 * @returns whether some are held over the element
 */
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
    // Elsewhere a drop would leave the page, and the networks that were trained in it. Whether it is files, only the drop says.
    const elsewhere = (event: DragEvent) => {
      if (event.defaultPrevented || !holdsFiles(event)) return false;
      event.preventDefault();
      return true;
    };
    const dropElsewhere = async (event: DragEvent) => {
      if (!elsewhere(event)) return;
      const files = await attempt(() => droppedFiles(event.dataTransfer!));
      if (files?.some(isModel)) onFiles(files);
      else if (files) notify('note', 'Drop images on the section Data. A model can be dropped anywhere.');
    };
    addEventListener('dragover', elsewhere, { signal });
    addEventListener('drop', dropElsewhere, { signal });
    return () => listening.abort();
  }, []);
  return over;
}
