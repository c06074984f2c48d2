import { CopyButton } from '../../../ui/controls.tsx';
import { Dialog } from '../../../ui/layout.tsx';

/** A link, to be copied. */
export function LinkDialog({ link, onClose }: { link: string; onClose: () => void }) {
  return (
    <Dialog title="Link to these settings" onClose={onClose}>
      <p>It opens this network, these settings and the same simulated pictures; your own files are not in it.</p>
      <div class="row link">
        <input type="text" readOnly value={link} aria-label="Link" onFocus={(event) => event.currentTarget.select()} />
        <CopyButton kind="main" text={link}>
          Copy
        </CopyButton>
      </div>
    </Dialog>
  );
}
