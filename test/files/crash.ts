/**
 * Saves something and is killed, as by a power cut, at a moment that the command line names. Arguments: what is saved (`store`,
 * `run`), where, and the moment: `write` after half of a file, `flush` before it is on the disk, `rename` before the n-th new name
 * (`rename2`).
 */
import fs from 'node:fs/promises';
import { fileStore } from '../../src/runtime/fileStore.ts';
import { type TrainingRun, writeRun } from '../../tools/train/folder.ts';

const [what, where, moment] = process.argv.slice(2) as [string, string, string];
const die = () => {
  process.kill(process.pid, 'SIGKILL');
  return new Promise<never>(() => {});
};

const open = fs.open;
fs.open = async (...how) => {
  const file = await open(...how);
  const write = file.writeFile.bind(file);
  file.writeFile = async (data) => {
    const bytes = Buffer.from(data as string);
    await write(moment === 'write' ? bytes.subarray(0, bytes.length / 2) : bytes);
    if (moment === 'write') await die();
  };
  if (moment === 'flush') file.sync = die;
  return file;
};
let renamed = 0;
const rename = fs.rename;
fs.rename = (from, to) => (moment === `rename${++renamed}` ? die() : rename(from, to));

if (what === 'store') await fileStore(where).save('adapter', { op: 'new' });
else {
  const result = { history: [], batches: [], seconds: {}, parameters: 1 };
  const run = { options: { out: where, model: 'baseline' }, result, started: new Date(), versions: {} };
  await writeRun(where, run as unknown as TrainingRun, new Map([['model.safetensors', Buffer.from('new weights')]]));
}
