/** The form for simulated images: how many of each class, and of which seed. */
import { useEffect, useState } from 'preact/hooks';
import { formatBytes, plural } from '../../../format.ts';
import { Button, NumberField } from '../../../ui/controls.tsx';
import { CLASS_NAMES, IMAGE_SIZE } from '../../protocol/index.ts';
import { running } from '../../runs/runs.ts';
import { chosenImagesPerClass, data, dataSeed, imagesPerClass, loading, roles, simulate } from '../../state/data.ts';

const BYTES_PER_IMAGE = IMAGE_SIZE * IMAGE_SIZE * Float32Array.BYTES_PER_ELEMENT;

/** How many images are simulated, and which. Numbers hold once their images are asked for: settings describe the images that are there. */
export function SimulationForm() {
  const [count, setCount] = useState(imagesPerClass.value);
  const [seed, setSeed] = useState(dataSeed.value);
  useEffect(() => setCount(imagesPerClass.value), [imagesPerClass.value]);
  useEffect(() => setSeed(dataSeed.value), [dataSeed.value]);
  const segments = roles.value.filter((role) => role !== 'unused').length;
  const total = count * CLASS_NAMES.length * segments;
  const changed = count !== imagesPerClass.value || seed !== dataSeed.value;
  const simulateThese = () => {
    chosenImagesPerClass.value = count;
    dataSeed.value = seed;
    simulate();
  };
  return (
    <>
      <p class="note">Real and fake alike are simulated, after published pictures. How segments differ is assumed.</p>
      <div class="fields">
        <NumberField
          label="Images per class and segment"
          value={count}
          onChange={setCount}
          min={1}
          max={2048}
          whole
          disabled={running.value}
        />
        <NumberField
          label="Data seed"
          value={seed}
          onChange={setSeed}
          min={0}
          max={2 ** 31}
          whole
          disabled={running.value}
        />
      </div>
      <div class="row simulate">
        <Button
          disabled={running.value || loading.value || (!changed && data.value !== undefined)}
          onClick={simulateThese}
        >
          Simulate anew
        </Button>
        <span class="note">
          {plural(total, 'image')}, {formatBytes(total * BYTES_PER_IMAGE)}. Another seed gives other recordings.
        </span>
      </div>
    </>
  );
}
