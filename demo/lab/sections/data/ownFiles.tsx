import { useEffect, useRef } from 'preact/hooks';
import { Button } from '../../../ui/controls.tsx';
import { running } from '../../runs/runs.ts';
import { loading } from '../../state/data.ts';
import { chosenFiles, openUserFiles } from './openUserFiles.ts';

/** Opening the user's own images; the whole section takes dropped ones. */
export function OwnFiles() {
  return (
    <div class="drop-zone">
      <h4>Your own images</h4>
      <p>
        Drop files or folders anywhere in this section: the course's <code>real_0.gz</code>, <code>fake_0.gz</code>, …,
        or pictures with “real” or “fake” in the name of the file or its folder. They are read in this page and stay on
        this machine.
      </p>
      <div class="row">
        <Picker text="Choose files" />
        <Picker text="Choose a folder" folder />
      </div>
    </div>
  );
}

/** @param folder a folder with all that is in it, instead of files */
function Picker({ text, folder = false }: { text: string; folder?: boolean }) {
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => {
    input.current!.webkitdirectory = folder;
  }, [folder]);
  return (
    <>
      <Button disabled={running.value || loading.value} onClick={() => input.current!.click()}>
        {text}
      </Button>
      <input
        ref={input}
        type="file"
        multiple
        hidden
        aria-label={text}
        accept={folder ? undefined : '.gz,image/*'}
        onChange={({ currentTarget }) => {
          openUserFiles(chosenFiles(currentTarget.files));
          currentTarget.value = ''; // the same files may be chosen once more
        }}
      />
    </>
  );
}
