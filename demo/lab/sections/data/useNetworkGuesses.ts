import { useEffect, useState } from 'preact/hooks';
import { notify } from '../../../frame/notify.ts';
import { lab } from '../../client.ts';
import { currentModel, running } from '../../runs/runs.ts';

/**
 * The current network's probability of fake for each of some rows: as soon as there is a network that is not being trained,
 * and again whenever another one is there.
 * @param rows undefined: not wanted yet
 */
export function useNetworkGuesses(rows: readonly number[] | undefined): readonly number[] | undefined {
  const [guesses, setGuesses] = useState<readonly number[]>();
  const model = running.value ? undefined : currentModel.value;
  useEffect(() => {
    setGuesses(undefined);
    if (!rows || !model) return;
    let stale = false;
    lab.classify([...rows]).then(
      (fake) => {
        if (!stale) setGuesses([...fake]);
      },
      (error: Error) => {
        if (!stale) notify('problem', error.message);
      },
    );
    return () => {
      stale = true;
    };
  }, [rows, model]);
  return guesses;
}
