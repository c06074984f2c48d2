/** A bar for each class, as long as the class is probable. */

/** @returns shows the probabilities, in the order of the names */
export function probabilityBars(element: HTMLElement, names: readonly string[]): (probabilities: number[]) => void {
  const rows = names.map((name) => {
    const row = document.createElement('label');
    row.className = 'row';
    const bar = document.createElement('progress');
    bar.value = 0;
    const text = document.createElement('span');
    row.append(name, bar, text);
    element.append(row);
    return { bar, text };
  });
  return (probabilities) => {
    rows.forEach(({ bar, text }, i) => {
      bar.value = probabilities[i] ?? 0;
      text.textContent = `${Math.round(100 * bar.value)} %`;
    });
  };
}
