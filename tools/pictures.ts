/** `npm run bench:pictures`: measures what pictures cost on their way into the engine; see bench/README.md. */
import { Command, InvalidArgumentError } from 'commander';
import { type PictureOptions, runPictures } from '../bench/pictures.ts';
import { optionsOf } from './commandLine.ts';

function count(text: string): number {
  const number = Number(text);
  if (Number.isInteger(number) && number >= 0) return number;
  throw new InvalidArgumentError('it is a whole number, 0 to leave this part out.');
}

const options = optionsOf<PictureOptions>(
  new Command('npm run bench:pictures --')
    .description('Measures predictions from pictures of every kind, and the memory of pictures that are trained on.')
    .option('--rounds <count>', 'predictions of each kind', count, 60)
    .option('--pictures <count>', 'pictures to train on, as bytes', count, 50_000)
    .option('--floats <count>', 'pictures to train on as bytes and as floats', count, 5000),
);

await runPictures(options, (line) => console.log(line));
