/** The row some places further, round in a circle. */
export function rowBeside(rows: readonly number[], row: number | undefined, places: number): number | undefined {
  const at = row === undefined ? -1 : rows.indexOf(row);
  if (at < 0) return rows[0];
  const n = rows.length;
  return rows[(((at + places) % n) + n) % n];
}

/** Another row than this one, by chance. */
export function otherRow(rows: readonly number[], row: number | undefined, random = Math.random): number | undefined {
  return rows.length < 2 ? rows[0] : rowBeside(rows, row, 1 + Math.floor(random() * (rows.length - 1)));
}
