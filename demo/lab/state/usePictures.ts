import { useEffect, useState } from 'preact/hooks';
import { notify } from '../../frame/notify.ts';
import { lab } from '../client.ts';
import type { Picture } from '../protocol/index.ts';
import { data } from './data.ts';

/** The pictures of some rows. Those before stay until the new ones are there: undefined only before the first. */
export function usePictures(rows: readonly number[]): readonly Picture[] | undefined {
  const [pictures, setPictures] = useState<readonly Picture[]>();
  const current = data.value;
  useEffect(() => {
    if (rows.length === 0) return;
    let stale = false;
    lab.pictures([...rows]).then(
      (loaded) => {
        if (!stale) setPictures(loaded);
      },
      (error: Error) => {
        if (!stale) notify('problem', error.message); // rows of data that have gone are no problem
      },
    );
    return () => {
      stale = true;
    };
  }, [current, rows.join()]);
  return pictures;
}
