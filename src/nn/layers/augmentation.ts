/** The names of the layers of `neurite/augmentation`, which a page loads only if it uses them. */
export const AUGMENTATION: readonly string[] = [
  'randomFlip',
  'randomCrop',
  'randomTranslation',
  'randomRotation',
  'randomZoom',
  'randomBrightness',
  'randomContrast',
  'cutout',
];

/** What to write for a layer of augmentation, by its name here or in Keras; undefined for another name. */
export function adviceOnAugmentation(name: string): string | undefined {
  const type = AUGMENTATION.find((one) => one.toLowerCase() === name.toLowerCase());
  return type && `take ${type} from 'neurite/augmentation' and call ${type}({ … })`;
}
