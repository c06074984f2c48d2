import { get } from 'idb-keyval';
import { notify } from '../../frame/notify.ts';
import { HANDED_OVER_KEY, type HandedOver } from '../../ui/handedOver.ts';
import { openFiles, simulate } from './data.ts';

/** Opens the pictures that another page has handed over; where there are none, simulated ones, as always. */
export async function openHandedOver(): Promise<void> {
  const given = await get<HandedOver>(HANDED_OVER_KEY).catch(() => undefined);
  notify('note', given?.note ?? 'The pictures of this link are not in this browser: those you see are simulated.');
  return given ? openFiles(given.files, { handedOver: true }) : simulate();
}
