import { get } from 'idb-keyval';
import { notify } from '../../frame/notify.ts';
import { HANDED_OVER_KEY } from '../../ui/handedOver.ts';
import { openFiles, simulate } from './data.ts';

/** Opens the pictures that another page has handed over; where there are none, simulated ones, as always. */
export async function openHandedOver(): Promise<void> {
  const files = await get<{ path: string; file: File }[]>(HANDED_OVER_KEY).catch(() => undefined);
  if (files) return openFiles(files);
  notify('note', 'The pictures that the link speaks of are not in this browser any more: these are simulated.');
  return simulate();
}
