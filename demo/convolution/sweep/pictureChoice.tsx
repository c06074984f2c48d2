/** Which picture the window sweeps over: a brain, a ramp, or a file of the visitor's. */
import { useEffect, useRef, useState } from 'preact/hooks';
import type { Array64 } from '../../lesson/reference/array64.ts';
import { Button } from '../../ui/controls.tsx';
import { pictureOfFile, SIZE } from './picture.ts';

export type PictureName = 'brain' | 'ramp' | 'own';

export function PictureChoice(props: {
  name: PictureName;
  hasOwn: boolean;
  onChoose: (name: PictureName, file?: Array64) => void;
}) {
  const { name, onChoose } = props;
  const input = useRef<HTMLInputElement>(null);
  const [problem, setProblem] = useState('');
  const open = async (file: File | undefined) => {
    if (!file) return;
    try {
      const picture = await pictureOfFile(file);
      setProblem('');
      onChoose('own', picture);
    } catch {
      setProblem(`This browser cannot read “${file.name}” as a picture.`);
    }
  };
  useDroppedFile(open);
  return (
    <>
      <Button pressed={name === 'brain'} onClick={() => onChoose('brain')}>
        Brain
      </Button>
      <Button pressed={name === 'ramp'} onClick={() => onChoose('ramp')}>
        Ramp
      </Button>
      <Button pressed={name === 'own'} onClick={() => input.current!.click()}>
        A picture of yours…
      </Button>
      <input
        ref={input}
        type="file"
        accept="image/*"
        aria-label="A picture of yours"
        hidden
        onChange={(event) => {
          const { files } = event.currentTarget;
          open(files?.[0]);
          event.currentTarget.value = ''; // so that the same file can be chosen again
        }}
      />
      <span class="picture-note" role="status">
        {problem || `${SIZE} × ${SIZE} pixels. A picture can be dropped on the page, too, and stays in it.`}
      </span>
    </>
  );
}

/** A file that is dropped anywhere on the page. */
function useDroppedFile(onFile: (file: File | undefined) => void): void {
  const latest = useRef(onFile);
  latest.current = onFile;
  useEffect(() => {
    const listening = new AbortController();
    const { signal } = listening;
    const holdsFiles = (event: DragEvent) => event.dataTransfer?.types.includes('Files') ?? false;
    addEventListener(
      'dragover',
      (event) => {
        if (!holdsFiles(event)) return;
        event.preventDefault(); // without it the browser opens the file instead of the page
        event.dataTransfer!.dropEffect = 'copy';
      },
      { signal },
    );
    addEventListener(
      'drop',
      (event) => {
        if (!holdsFiles(event)) return;
        event.preventDefault();
        latest.current(event.dataTransfer!.files[0]);
      },
      { signal },
    );
    return () => listening.abort();
  }, []);
}
