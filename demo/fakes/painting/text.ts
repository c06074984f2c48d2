/** Numbers as mathematics writes them: at most three decimals, and a minus sign that is as wide as a plus. */
export const signed = (value: number) => String(Number(value.toFixed(3))).replace('-', '−');

/** A negative number in brackets. */
export const factor = (value: number) => (value < 0 ? `(${signed(value)})` : signed(value));

/** `[row, column]` of a number in a square. */
export const place = (index: number, size: number) => `[${Math.floor(index / size)}, ${index % size}]`;
