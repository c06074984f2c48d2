/** Where the images come from and what they are used for; loaded when it is unfolded. */
import { Segments } from './segments.tsx';
import { Sources } from './sources.tsx';

export function DataMore() {
  return (
    <div class="grid data-settings">
      <Sources />
      <Segments />
    </div>
  );
}
